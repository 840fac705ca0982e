package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// viewerDigits is how many last digits of a number a viewer may search for: with more, searching would reveal numbers.
const viewerDigits = 4

// statusLive chooses all calls that have not ended.
const statusLive = "live"

// labels are the trunks' labels by id.
type labels map[string]string

func (a *API) labels(ctx context.Context) (labels, error) {
	trunks, err := a.Store.Trunks(ctx)
	if err != nil {
		return nil, storeError(err)
	}
	l := make(labels, len(trunks))
	for _, t := range trunks {
		l[t.ID] = t.Label
	}
	return l, nil
}

func (l labels) summary(c call.Call) oapi.CallSummary {
	s := oapi.CallSummary{
		CallID: string(c.ID), CaseID: c.CaseID, CustomerCrmID: c.CustomerCRMID, AgentID: c.AgentID,
		MaskedNumber: call.Mask(c.CustomerNumber), Did: c.DID, TrunkID: c.TrunkID, TrunkLabel: l[c.TrunkID], Status: string(c.Status),
		CreatedAt: c.CreatedAt.UTC(), ConnectedAt: utc(c.ConnectedAt), AnsweredAt: utc(c.AnsweredAt), EndedAt: utc(c.EndedAt),
	}
	if o := c.Outcome; o != nil {
		s.CallStatus, s.DisconnectReason, s.HangupBy = optional(o.CallStatus), optional(o.Reason), optional(o.HangupBy)
		s.SIPDisconnectCode, s.DurationSeconds, s.RingSeconds = o.SIPCode, o.DurationSeconds, o.RingSeconds
	}
	return s
}

// callQuery is what the list and its export filter by.
type callQuery struct {
	since, until                                                 *time.Time
	callStatus, reason, trunkID, agentID, caseID, number, status *string
	sipCode                                                      *int
	at                                                           report.HourOfWeek
	tz                                                           *string
}

func (q callQuery) filter(u store.User) (store.CallFilter, error) {
	f := store.CallFilter{
		CaseID: value(q.caseID), AgentID: value(q.agentID), TrunkID: value(q.trunkID), CallStatus: call.CallStatus(value(q.callStatus)),
		Reason: call.Reason(value(q.reason)), SIPCode: value(q.sipCode), NumberSuffix: value(q.number), Since: q.since, Until: q.until,
	}
	if status := value(q.status); status == statusLive {
		f.Live = true
	} else {
		f.Status = call.Status(status)
	}
	if len(f.NumberSuffix) > viewerDigits && u.Role == store.RoleViewer {
		return f, problem.Invalid(problem.Field{Field: "number", Message: "may have at most 4 digits for viewers: more would reveal numbers"})
	}
	if q.at == (report.HourOfWeek{}) {
		return f, nil
	}
	within, err := q.spans()
	f.Within = within
	return f, err
}

// spans are when the clock on the operator's wall showed what was asked for; not nil.
func (q callQuery) spans() ([]store.Span, error) {
	zone, err := zoneOf(q.tz)
	if err != nil {
		return nil, err
	}
	if q.since == nil || q.until == nil || q.until.Sub(*q.since) > maxReportRange {
		return nil, problem.Invalid(problem.Field{Field: "since", Message: "weekday and hour need since and until, at most 400 days apart"})
	}
	return append([]store.Span{}, q.at.Spans(*q.since, *q.until, zone)...), nil
}

// mostCounted is how far the calls that filters choose are counted.
const mostCounted = 10_000

// ListCalls answers a page of calls.
func (a *API) ListCalls(w http.ResponseWriter, r *http.Request, p oapi.ListCallsParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.CallPage, error) {
		f, err := callQuery{
			since: p.Since, until: p.Until, callStatus: p.CallStatus, reason: p.Reason, trunkID: p.TrunkID, agentID: p.AgentID,
			caseID: p.CaseID, number: p.Number, status: p.Status, sipCode: p.SIPCode,
			at: report.HourOfWeek{Weekday: p.Weekday, Hour: p.Hour}, tz: p.Tz,
		}.filter(userOf(r.Context()))
		if err != nil {
			return oapi.CallPage{}, err
		}
		f.Limit, f.Cursor = value(p.Limit), value(p.Cursor)
		names, err := a.labels(r.Context())
		if err != nil {
			return oapi.CallPage{}, err
		}
		page, err := a.Store.ListCalls(r.Context(), f)
		if err != nil {
			return oapi.CallPage{}, storeError(err)
		}
		list := oapi.CallPage{Calls: make([]oapi.CallSummary, len(page.Calls)), NextCursor: optional(page.Next)}
		for i, c := range page.Calls {
			list.Calls[i] = names.summary(c)
		}
		if value(p.Counted) {
			n, err := a.Store.CountListed(r.Context(), f, mostCounted+1)
			if err != nil {
				return oapi.CallPage{}, storeError(err)
			}
			list.Count = &n
		}
		return list, nil
	})
}

// find returns a call; CallNotFound when there is none, whatever the id looks like.
func (a *API) find(ctx context.Context, text string) (call.Call, error) {
	id, ok := call.ParseID(text)
	if !ok {
		return call.Call{}, problem.Refuse(problem.CallNotFound)
	}
	c, err := a.Store.Call(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return call.Call{}, problem.Refuse(problem.CallNotFound)
	case err != nil:
		return call.Call{}, problem.Unable(problem.StoreUnavailable, err)
	}
	return c, nil
}

// HangUpCall ends a live call.
func (a *API) HangUpCall(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.HungUp, error) {
		c, err := a.find(r.Context(), callID)
		if err != nil {
			return oapi.HungUp{}, err
		}
		status := "ending"
		err = a.Workflows.HangUp(r.Context(), c.ID, call.SourceOperator, time.Now())
		switch {
		case errors.Is(err, call.ErrOver):
			status = "ended"
		case err != nil:
			return oapi.HungUp{}, problem.Unable(problem.TemporalUnavailable, err)
		}
		return oapi.HungUp{Status: status}, a.audit(r, "call_hung_up", string(c.ID), status)
	})
}

// RevealNumber answers one customer's number. It is in the audit log before it is in the answer.
func (a *API) RevealNumber(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Revealed, error) {
		c, err := a.find(r.Context(), callID)
		if err != nil {
			return oapi.Revealed{}, err
		}
		if err := a.audit(r, "number_revealed", string(c.ID), ""); err != nil {
			return oapi.Revealed{}, err
		}
		revealed := oapi.Revealed{CustomerNumber: c.CustomerNumber}
		d, err := a.Store.DeliveryOfCall(r.Context(), c.ID)
		switch {
		case err == nil:
			body := string(d.Body)
			revealed.WebhookBody = &body
		case !errors.Is(err, store.ErrNotFound):
			return oapi.Revealed{}, problem.Unable(problem.StoreUnavailable, err)
		}
		return revealed, nil
	})
}

// PlaceTestCall opens a call for the operator's own browser.
func (a *API) PlaceTestCall(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.TestCall, error) {
		in, err := body[oapi.TestCallRequest](r)
		if err != nil {
			return oapi.TestCall{}, err
		}
		placed, err := a.TestCalls.Place(r.Context(), in.CustomerNumber, value(in.Did), value(in.TrunkID), userOf(r.Context()).Name)
		if err != nil {
			return oapi.TestCall{}, err
		}
		return oapi.TestCall{CallID: string(placed.ID), Room: placed.ID.Room(), WsURL: placed.WSURL, Token: placed.Token},
			a.audit(r, "test_call_placed", string(placed.ID), "")
	})
}
