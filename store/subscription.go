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
	maxEventTypes   = 20
	maxFilterTrunks = 100
	maxRate         = 10_000 // webhooks a second
)

// Subscription is what an endpoint beside the default one hears of, and how.
type Subscription struct {
	EventTypes   []string // types and patterns such as call.*; the default endpoint has none
	Filter       EventFilter
	Schedule     []time.Duration // the wait before each attempt to deliver an outcome; empty: that of the settings
	MaxPerSecond int             // webhooks that a worker posts to it; 0: no limit
}

// EventFilter chooses among the events of an endpoint's types. Empty fields choose all.
type EventFilter struct {
	TrunkIDs     []string          `json:"trunk_ids,omitempty"`     // of calls, and of a trunk's own events
	AgentPrefix  string            `json:"agent_prefix,omitempty"`  // of the agent_id; a trunk's events have none and pass
	CallStatuses []call.CallStatus `json:"call_statuses,omitempty"` // of call.ended; other events have none and pass
}

// wants reports whether the endpoint hears of an event. agent is nil for a trunk's, status empty while a call lives.
func (s Subscription) wants(t call.EventType, trunkID string, agentID *string, status call.CallStatus) bool {
	f := s.Filter
	switch {
	case !slices.ContainsFunc(s.EventTypes, t.Matches),
		len(f.TrunkIDs) > 0 && !slices.Contains(f.TrunkIDs, trunkID),
		agentID != nil && !strings.HasPrefix(*agentID, f.AgentPrefix),
		status != "" && len(f.CallStatuses) > 0 && !slices.Contains(f.CallStatuses, status):
		return false
	}
	return true
}

func (s Subscription) validate() error {
	for _, pattern := range s.EventTypes {
		if !call.NamesEvents(pattern) {
			return invalid("event_types cannot hold %q: no event has such a name; call.* is an example", clip(pattern, maxLabel))
		}
	}
	for _, status := range s.Filter.CallStatuses {
		if !slices.Contains([]call.CallStatus{call.Answered, call.NotAnswered, call.Failed}, status) {
			return invalid("filter.call_statuses must be ANSWERED, NOT_ANSWERED or FAILED")
		}
	}
	switch {
	case len(s.EventTypes) > maxEventTypes:
		return invalid("event_types may be at most %d", maxEventTypes)
	case len(s.Filter.TrunkIDs) > maxFilterTrunks:
		return invalid("filter.trunk_ids may be at most %d", maxFilterTrunks)
	case len(s.Filter.AgentPrefix) > maxLabel:
		return invalid("filter.agent_prefix must have at most %d characters", maxLabel)
	case s.MaxPerSecond < 0 || s.MaxPerSecond > maxRate:
		return invalid("max_per_second must be between 0 (no limit) and %d", maxRate)
	case len(s.Schedule) > 0:
		return checkSchedule("schedule_seconds", s.Schedule)
	}
	return nil
}

// checkSchedule refuses waits that cannot be used.
func checkSchedule(what string, waits []time.Duration) error {
	if len(waits) == 0 || len(waits) > maxSchedule {
		return invalid("%s must have 1 to %d waits", what, maxSchedule)
	}
	if waits[0] != 0 {
		return invalid("%s must begin with 0s: the first attempt is made when the call ends", what)
	}
	for _, wait := range waits {
		if wait < 0 || wait > maxScheduleGap {
			return invalid("%s: wait %s must be between 0 and %s", what, wait, maxScheduleGap)
		}
	}
	return nil
}

// subscriptionRow are the columns of a subscription.
type subscriptionRow struct {
	EventTypes   string `db:"event_types"`
	Filter       string `db:"filter"`
	Schedule     string `db:"schedule"`
	MaxPerSecond int    `db:"max_per_second"`
}

const subscriptionColumns = `event_types, filter, schedule, max_per_second`

func (r subscriptionRow) subscription() (s Subscription, err error) {
	var waits []duration
	for _, column := range []struct {
		text string
		into any
	}{{r.EventTypes, &s.EventTypes}, {r.Filter, &s.Filter}, {r.Schedule, &waits}} {
		if err := json.Unmarshal([]byte(column.text), column.into); err != nil {
			return s, fmt.Errorf("parse the endpoint's subscription: %w", err)
		}
	}
	for _, wait := range waits {
		s.Schedule = append(s.Schedule, time.Duration(wait))
	}
	if len(s.EventTypes) == 0 {
		s.EventTypes = nil
	}
	s.MaxPerSecond = r.MaxPerSecond
	return s, nil
}

func (s Subscription) row() (r subscriptionRow, err error) {
	waits := make([]duration, len(s.Schedule))
	for i, wait := range s.Schedule {
		waits[i] = duration(wait)
	}
	for _, column := range []struct {
		into *string
		from any
	}{{&r.EventTypes, append([]string{}, s.EventTypes...)}, {&r.Filter, s.Filter}, {&r.Schedule, waits}} {
		text, err := json.Marshal(column.from)
		if err != nil {
			return r, fmt.Errorf("render the endpoint's subscription: %w", err)
		}
		*column.into = string(text)
	}
	r.MaxPerSecond = s.MaxPerSecond
	return r, nil
}

// RemoveEndpoint takes an endpoint away for good, with its secrets: what was on its way to it is dead. ErrConflict for the default one: it
// can be paused. ErrNotFound when there is no such endpoint. After an error, do it again: the rest is done by housekeeping, too.
func (s *Store) RemoveEndpoint(ctx context.Context, id string) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "endpoints"); err != nil {
			return err
		}
		e, err := s.readEndpoint(ctx, tx, `WHERE endpoint_id = ? AND removed_at IS NULL`, id)
		if err != nil {
			return err
		}
		if e.Default {
			return fmt.Errorf("%w: outcomes go to it", ErrConflict)
		}
		_, err = s.exec(ctx, tx, `UPDATE endpoints SET removed_at = ?, state = 'active', failures = 0, failing_since = NULL, opened_at = NULL, reason = '',
			api_key = '', signing_secrets = '', headers = '', tls = '' WHERE endpoint_id = ?`, now(), id)
		return err
	})
	if err == nil {
		s.subscribers.forget()
		err = s.buryDeliveries(ctx)
	}
	if err != nil {
		return fmt.Errorf("remove endpoint %s: %w", id, err)
	}
	return nil
}
