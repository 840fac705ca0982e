package api

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const maxPage = 200

// GetCall answers a call's record: GET /api/c2c/calls/{call_id}.
func (a *API) GetCall(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	c, err := a.find(r.Context(), idOrNone(callID))
	if err != nil {
		a.reply(w, r, nil, err)
		return
	}
	record := newRecord(c, time.Now())
	if c.Status == call.StatusQueued {
		if err := a.showQueue(r.Context(), c.ID, &record); err != nil {
			a.reply(w, r, nil, problem.Unable(problem.StoreUnavailable, err))
			return
		}
	}
	a.reply(w, r, record, nil)
}

// showQueue says where a call stands among those that wait for a line, and about how long it may wait.
func (a *API) showQueue(ctx context.Context, id call.ID, record *oapi.CallRecord) error {
	place, err := a.Store.QueuePosition(ctx, id, a.Now())
	if err != nil {
		return err
	}
	record.QueuePosition = &place
	freed, err := a.Store.LinesFreed(ctx, id, a.Now().Add(-call.TurnoverSpan))
	if wait, known := call.EstimateWait(place, freed); err == nil && known {
		seconds := int(math.Ceil(wait.Seconds()))
		record.EstimatedWaitSeconds = &seconds
	}
	return err
}

// idOrNone reads the call id of a path. Text that is no call id becomes an id that no call has: it then costs the same
// work as an unknown one, and the answer's timing tells nobody which ids exist.
func idOrNone(text string) call.ID {
	if id, ok := call.ParseID(text); ok {
		return id
	}
	return call.NewID()
}

// find returns a call, or the 404 or 503 problem.
func (a *API) find(ctx context.Context, id call.ID) (call.Call, error) {
	c, err := a.Store.Call(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return call.Call{}, problem.Refuse(problem.CallNotFound)
	case err != nil:
		return call.Call{}, problem.Unable(problem.StoreUnavailable, err)
	}
	return c, nil
}

// newRecord shows a call as it stands at a moment: while people talk, their talk has lasted until now.
func newRecord(c call.Call, now time.Time) oapi.CallRecord {
	record := oapi.CallRecord{
		CallID: string(c.ID), Room: c.ID.Room(), CaseID: c.CaseID, CustomerCrmID: c.CustomerCRMID, AgentID: c.AgentID,
		CustomerNumber: c.CustomerNumber, Did: c.DID,
		Status: oapi.CallRecordStatus(c.Status), Connected: c.Status == call.StatusAnswered, OnHold: c.HeldAt != nil,
		CreatedAt: c.CreatedAt.UTC(), ConnectedAt: utc(c.ConnectedAt), AnsweredAt: utc(c.AnsweredAt), EndedAt: utc(c.EndedAt),
		RingSeconds: c.RingSeconds,
	}
	if c.Status == call.StatusAnswered && c.AnsweredAt != nil {
		record.DurationSeconds = int(max(0, now.Sub(*c.AnsweredAt)) / time.Second)
		record.Duration = record.DurationSeconds
	}
	if o := c.Outcome; o != nil {
		record.CallStatus, record.DisconnectReason, record.HangupBy = text(o.CallStatus), text(o.Reason), text(o.HangupBy)
		record.SIPDisconnectCode = o.SIPCode
		record.Duration, record.DurationSeconds, record.RingSeconds = o.DurationSeconds, o.DurationSeconds, o.RingSeconds
	}
	return record
}

func text[S ~string](s S) *string {
	if s == "" {
		return nil
	}
	plain := string(s)
	return &plain
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// ListCalls answers a page of calls, newest first: GET /api/c2c/calls.
func (a *API) ListCalls(w http.ResponseWriter, r *http.Request, params oapi.ListCallsParams) {
	page, err := a.listCalls(r, params)
	a.reply(w, r, page, err)
}

func (a *API) listCalls(r *http.Request, params oapi.ListCallsParams) (*oapi.CallPage, error) {
	filter, err := callFilter(r.URL.RawQuery, params)
	if err != nil {
		return nil, err
	}
	page, err := a.Store.ListCalls(r.Context(), filter)
	switch {
	case errors.Is(err, store.ErrBadCursor):
		return nil, problem.Invalid(problem.Field{Field: "cursor", Message: "is not one that this list answered: start again without it"})
	case err != nil:
		return nil, problem.Unable(problem.StoreUnavailable, err)
	}
	answer := &oapi.CallPage{Calls: make([]oapi.CallRecord, 0, len(page.Calls)), NextCursor: text(page.Next)}
	for _, c := range page.Calls {
		answer.Calls = append(answer.Calls, newRecord(c, time.Now()))
	}
	return answer, nil
}

// callFilter checks every query parameter, so that one answer names all that are wrong.
func callFilter(rawQuery string, params oapi.ListCallsParams) (store.CallFilter, error) {
	q := &query{}
	q.onlyKnown(rawQuery, "case_id", "agent_id", "call_status", "since", "until", "limit", "cursor")
	filter := store.CallFilter{
		CaseID: q.text("case_id", params.CaseID, maxText), AgentID: q.text("agent_id", params.AgentID, maxText),
		CallStatus: q.callStatus(params.CallStatus),
		Since:      q.moment("since", params.Since), Until: q.moment("until", params.Until),
		Limit: q.limit(params.Limit), Cursor: q.text("cursor", params.Cursor, 512),
	}
	return filter, q.err()
}

// query is a query string being read, with what was wrong in it.
type query struct{ object }

func (q *query) onlyKnown(rawQuery string, names ...string) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		q.refuse("query", "is not a valid query string: escape its values")
	}
	for _, name := range names {
		delete(values, name)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		q.refuse(name, "is not a parameter of this list: remove it, or correct its spelling")
	}
}

func (q *query) text(name string, value *string, limit int) string {
	if value == nil {
		return ""
	}
	if message := textFault(*value, limit, mayBeMissing); message != "" {
		q.refuse(name, message)
	}
	return *value
}

func (q *query) callStatus(value *string) call.CallStatus {
	if value == nil {
		return ""
	}
	status := call.CallStatus(*value)
	switch status {
	case call.Answered, call.NotAnswered, call.Failed:
	default:
		q.refuse("call_status", "must be ANSWERED, NOT_ANSWERED or FAILED")
	}
	return status
}

func (q *query) moment(name string, value *string) *time.Time {
	if value == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339, *value)
	if err != nil {
		q.refuse(name, "must be a time such as 2026-10-01T00:00:00Z (write + as %2B)")
	}
	return utc(&t)
}

func (q *query) limit(value *string) int {
	if value == nil {
		return 0
	}
	n, err := strconv.Atoi(*value)
	if err != nil || n < 1 || n > maxPage {
		q.refuse("limit", "must be a whole number from 1 to 200")
	}
	return n
}
