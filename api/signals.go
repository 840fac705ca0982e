package api

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

const (
	statusAnswered = "ANSWERED"
	maxStatus      = 64
	looksForAnswer = 10 // into the database, evenly over AnswerWait
)

// longNumber is what could be a phone number in a browser's free text.
var longNumber = regexp.MustCompile(`\p{Nd}(?:[ .()-]*\p{Nd}){6,}`)

// HangUpCall ends a call: POST /api/c2c/calls/{call_id}/hangup. Nothing in the body can be wrong: sendBeacon sends what it
// likes.
func (a *API) HangUpCall(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	status, err := a.hangUp(r.Context(), idOrNone(callID), leaverOf(w, r))
	a.reply(w, r, oapi.HungUp{Status: status}, err)
}

// hangUp works while the database or LiveKit is down. It goes on when the browser is gone: a closing tab is the reason for half of
// these requests.
func (a *API) hangUp(ctx context.Context, id call.ID, by leaver) (oapi.HungUpStatus, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signalTimeout)
	defer cancel()
	now := a.Now().UTC()
	if !a.ending(ctx, id) && !(lately(a.told.goodbyes, id, now) && a.soonEnding(ctx, id)) {
		switch {
		case by.back > 0:
			return a.leave(ctx, id, by, now)
		case by.session != "" && a.replaced(ctx, id, by.session):
			a.noteReplaced(ctx, id, now)
			return oapi.HungUpStatusReplaced, nil
		}
		hangUp := func(ctx context.Context) error { return a.Workflows.HangUp(ctx, id, call.SourceBrowser, now) }
		a.told.hangUps.Add(id, now)
		err := a.together("hangup", id, func() error { return hangUp(ctx) })
		switch {
		case err == nil:
			return oapi.HungUpStatusEnding, nil
		case !errors.Is(err, workflows.ErrOver):
			a.keepSending(ctx, id, "hangup", hangUp)
			return "", problem.Unable(problem.TemporalUnavailable, err)
		}
	}
	c, err := a.find(ctx, id)
	if err != nil {
		return "", err
	}
	if c.Status != call.StatusEnded {
		return oapi.HungUpStatusEnding, nil
	}
	return oapi.HungUpStatusEnded, nil
}

// together sends one signal for all requests that want the same one sent at the same time, and gives all of them its
// result. Temporal takes a workflow's signals one after the other, so that twenty at once would keep the call itself
// waiting in the queue behind them.
func (a *API) together(name string, id call.ID, send func() error) error {
	_, err, _ := a.sending.Do(name+" "+string(id), func() (any, error) { return nil, send() })
	return err
}

// ReportStatus notes what the browser saw: POST /api/c2c/calls/{call_id}/status.
func (a *API) ReportStatus(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	err := a.reportStatus(w, r, callID)
	a.reply(w, r, oapi.StatusNoted{Status: oapi.Noted}, err)
}

func (a *API) reportStatus(w http.ResponseWriter, r *http.Request, callID string) error {
	now := a.Now().UTC()
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	status, err := o.statusReport()
	if err != nil {
		return err
	}
	id := idOrNone(callID)
	if status == statusAnswered {
		return a.reportAnswer(r.Context(), id, now)
	}
	return a.keepStatus(r.Context(), id, status, now)
}

// statusReport reads {"status": "...", ...}; other fields are the browser's own affair.
func (o *object) statusReport() (string, error) {
	status := o.text("status", maxStatus, mustBeGiven)
	if status == nil {
		return "", o.err()
	}
	return *status, nil
}

// reportAnswer hands the browser's word on to the call, at most once in half a minute: more reports say nothing more. Nor does one
// whose answer is known.
func (a *API) reportAnswer(ctx context.Context, id call.ID, now time.Time) error {
	if _, ok := a.limits.answers.take(string(id), now); ok && !a.answerKnown(ctx, id, now) {
		report := func(ctx context.Context) error { return a.Workflows.Report(ctx, id, now) }
		err := report(ctx)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, workflows.ErrOver):
			a.keepSending(ctx, id, "report", report)
			a.limits.answers.forget(string(id)) // this one did not arrive: the next may try at once
			return problem.Unable(problem.TemporalUnavailable, err)
		}
	}
	_, err := a.find(ctx, id)
	return err
}

// answerKnown reports whether the dial's own word on the answer is in the database, from where a call that loses the dial's reply
// takes it, before any browser's. The two come in the same moment, so it is waited for; a signal would cost an action and four events.
func (a *API) answerKnown(ctx context.Context, id call.ID, now time.Time) bool {
	waiting, cancel := context.WithTimeout(ctx, a.AnswerWait)
	defer cancel()
	again := time.NewTicker(max(a.AnswerWait/looksForAnswer, time.Millisecond))
	defer again.Stop()
	for {
		c, err := a.Store.Call(waiting, id)
		switch {
		case err != nil || c.Status == call.StatusCreated:
			return false
		case c.Status == call.StatusEnded:
			return true
		case c.Status == call.StatusAnswered:
			a.noteOnTimeline(ctx, id, call.Entry{At: now, Source: call.SourceBrowser, Name: "status", Detail: statusAnswered})
			return true
		}
		select {
		case <-again.C:
		case <-waiting.Done():
			return false
		}
	}
}

// keepStatus keeps a status that we do not know on the timeline. It changes nothing.
func (a *API) keepStatus(ctx context.Context, id call.ID, status string, now time.Time) error {
	if _, err := a.find(ctx, id); err != nil {
		return err
	}
	entry := call.Entry{At: now, Source: call.SourceBrowser, Name: "status", Detail: longNumber.ReplaceAllStringFunc(status, call.Mask)}
	if err := a.Store.AppendEntry(ctx, id, entry); err != nil {
		return problem.Unable(problem.StoreUnavailable, err)
	}
	return nil
}
