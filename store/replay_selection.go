package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	maxReplayIDs   = 1000    // event ids in a selection
	maxReplayItems = 100_000 // deliveries of one replay
)

// ReplaySelection chooses deliveries to be sent again: either EventIDs alone, whatever their state, or any of the others.
type ReplaySelection struct {
	EventIDs     []string          `json:"event_ids,omitempty"` // at most 1,000
	Since        *time.Time        `json:"since,omitempty"`     // created at or after
	Until        *time.Time        `json:"until,omitempty"`     // created before
	CallStatuses []call.CallStatus `json:"call_status,omitempty"`
	TrunkID      string            `json:"trunk_id,omitempty"`
	States       []DeliveryState   `json:"state,omitempty"` // empty: all but delivered
	EndpointID   string            `json:"endpoint_id,omitempty"`
	Answer       DeliveryAnswer    `json:"answer,omitempty"` // of the latest attempt, which failed
}

// ReplayPreview is what a selection chooses at the moment.
type ReplayPreview struct {
	Count          int
	Oldest, Newest *time.Time // when they were created; nil when there is none
	ByState        map[DeliveryState]int
	ByAnswer       map[DeliveryAnswer]int // those whose latest attempt failed
}

// PreviewReplay counts what a selection chooses. ErrInvalid when it cannot be used.
func (s *Store) PreviewReplay(ctx context.Context, selection ReplaySelection) (ReplayPreview, error) {
	preview, err := s.previewReplay(ctx, s.read, selection)
	if err != nil {
		return ReplayPreview{}, fmt.Errorf("preview a replay: %w", err)
	}
	return preview, nil
}

func (s *Store) previewReplay(ctx context.Context, q sqlx.QueryerContext, selection ReplaySelection) (ReplayPreview, error) {
	if err := selection.check(); err != nil {
		return ReplayPreview{}, err
	}
	if err := s.nameUnknown(ctx, q, selection.EventIDs); err != nil {
		return ReplayPreview{}, err
	}
	where, args := selection.where()
	var rows []struct {
		State          DeliveryState `db:"state"`
		Status         int           `db:"last_status"`
		Class          string        `db:"last_class"`
		N              int           `db:"n"`
		Oldest, Newest stamp
	}
	err := s.list(ctx, q, &rows, `SELECT d.state, d.last_status, d.last_class, COUNT(*) AS n, MIN(d.created_at) AS oldest, MAX(d.created_at) AS newest
		FROM deliveries d JOIN calls c ON c.call_id = d.call_id WHERE `+where+`
		GROUP BY d.state, d.last_status, d.last_class`, args...)
	if err != nil {
		return ReplayPreview{}, err
	}
	p := ReplayPreview{ByState: map[DeliveryState]int{}, ByAnswer: map[DeliveryAnswer]int{}}
	for _, r := range rows {
		p.Count += r.N
		p.ByState[r.State] += r.N
		if answer := AnswerOf(r.Status, r.Class); answer != "" {
			p.ByAnswer[answer] += r.N
		}
		if oldest := time.Time(r.Oldest); p.Oldest == nil || oldest.Before(*p.Oldest) {
			p.Oldest = &oldest
		}
		if newest := time.Time(r.Newest); p.Newest == nil || newest.After(*p.Newest) {
			p.Newest = &newest
		}
	}
	return p, nil
}

// nameUnknown refuses event ids that no delivery has, naming the first.
func (s *Store) nameUnknown(ctx context.Context, q sqlx.QueryerContext, eventIDs []string) error {
	if len(eventIDs) == 0 {
		return nil
	}
	var known []string
	in, args := oneOf("event_id", stored(eventIDs))
	if err := s.list(ctx, q, &known, `SELECT event_id FROM deliveries WHERE `+in, args...); err != nil {
		return err
	}
	for _, id := range eventIDs {
		if !slices.Contains(known, id) {
			return invalid("no outcome has the event id %.64q: check its spelling", id)
		}
	}
	return nil
}

// check refuses what cannot be meant.
func (r ReplaySelection) check() error {
	others := r
	others.EventIDs = nil
	switch {
	case len(r.EventIDs) > maxReplayIDs:
		return invalid("%d event ids are too many: name at most %d, or choose by time and state", len(r.EventIDs), maxReplayIDs)
	case len(r.EventIDs) > 0 && !others.empty():
		return invalid("event ids cannot be combined with other choices: give one or the other")
	case r.empty():
		return invalid("the selection is empty: name event ids, or choose by time, state, call status, trunk or endpoint")
	case r.Since != nil && r.Until != nil && !r.Since.Before(*r.Until):
		return invalid("since must be before until")
	}
	ids := slices.Sorted(slices.Values(r.EventIDs))
	if len(slices.Compact(ids)) < len(r.EventIDs) {
		return invalid("an event id is there twice: name each once")
	}
	for _, state := range r.States {
		if !slices.Contains([]DeliveryState{DeliveryPending, DeliveryDelivered, DeliveryDead, DeliveryParked}, state) {
			return invalid("state %.20q must be pending, parked, dead or delivered", state)
		}
	}
	for _, status := range r.CallStatuses {
		if !slices.Contains([]call.CallStatus{call.Answered, call.NotAnswered, call.Failed}, status) {
			return invalid("call status %.20q must be ANSWERED, NOT_ANSWERED or FAILED", status)
		}
	}
	return nil
}

func (r ReplaySelection) empty() bool {
	return len(r.EventIDs)+len(r.CallStatuses)+len(r.States)+len(r.TrunkID)+len(r.EndpointID)+len(r.Answer) == 0 && r.Since == nil && r.Until == nil
}

// where is the condition on deliveries d and their calls c.
func (r ReplaySelection) where() (string, []any) {
	conditions, args := []string{"1 = 1"}, []any{}
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if len(r.EventIDs) > 0 {
		return oneOf("d.event_id", stored(r.EventIDs))
	}
	states := r.States
	if len(states) == 0 {
		states = []DeliveryState{DeliveryPending, DeliveryParked, DeliveryDead}
	}
	in, values := oneOf("d.state", states)
	add(in, values...)
	if len(r.CallStatuses) > 0 {
		in, values := oneOf("c.call_status", r.CallStatuses)
		add(in, values...)
	}
	if r.TrunkID != "" {
		add("c.trunk_id = ?", clip(r.TrunkID, maxLabel))
	}
	if r.EndpointID != "" {
		add("d.endpoint_id = ?", clip(r.EndpointID, maxLabel))
	}
	if r.Answer != "" {
		condition, values := r.Answer.where()
		add(condition, values...)
	}
	if r.Since != nil {
		add("d.created_at >= ?", stampOf(r.Since))
	}
	if r.Until != nil {
		add("d.created_at < ?", stampOf(r.Until))
	}
	return strings.Join(conditions, " AND "), args
}

// oneOf is the condition that a column has one of some values, at least one.
func oneOf[T any](column string, values []T) (string, []any) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	return column + " IN (?" + strings.Repeat(", ?", len(values)-1) + ")", args
}

// stored makes texts such as the databases can hold; PostgreSQL takes no NUL.
func stored(texts []string) []string {
	clipped := make([]string, len(texts))
	for i, text := range texts {
		clipped[i] = clip(text, maxLabel)
	}
	return clipped
}

func (r ReplaySelection) encode() (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode the selection: %w", err)
	}
	return string(text), nil
}
