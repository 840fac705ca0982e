package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

const (
	maxKeys = 32
	// keys are those of a telephone.
	keys = "0123456789*#ABCD"
	// keysTimeout is for joining the room, where that is needed, and for the keys.
	keysTimeout = 12 * time.Second
)

// SendKeys sends telephone keys to the customer's end: POST /api/c2c/calls/{call_id}/dtmf. The digits may be those of a card: they
// go to LiveKit and nowhere else.
func (a *API) SendKeys(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	err := a.sendKeys(w, r, callID)
	a.reply(w, r, oapi.KeysSent{Status: oapi.Sent}, err)
}

func (a *API) sendKeys(w http.ResponseWriter, r *http.Request, callID string) error {
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	digits, err := o.keys()
	if err != nil {
		return err
	}
	id := idOrNone(callID)
	if err := limited(a.limits.keys.takeMany(string(id), len(digits), a.Now())); err != nil {
		return err
	}
	if err := a.requireTalk(r.Context(), id); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), keysTimeout)
	defer cancel()
	if err := connected(a.LiveKit.SendKeys(ctx, id, digits)); err != nil {
		return err
	}
	a.noteOnTimeline(r.Context(), id, call.Entry{At: a.Now().UTC(), Source: call.SourceBrowser, Name: "dtmf", Detail: fmt.Sprintf("keys sent: %d", len(digits))})
	return nil
}

// keys reads {"digits": "12#"}. No message repeats them.
func (o *object) keys() (string, error) {
	digits := o.text("digits", maxKeys, mustBeGiven)
	if digits != nil && strings.Trim(*digits, keys) != "" {
		o.refuse("digits", "must hold only 0-9, *, # and A-D")
	}
	o.refuseRest(nil)
	if err := o.err(); err != nil {
		return "", err
	}
	return *digits, nil
}

// requireTalk is the problem of a call that is not there, or in which nobody talks. A call that rings may have been answered in this
// moment: LiveKit knows.
func (a *API) requireTalk(ctx context.Context, id call.ID) error {
	c, err := a.find(ctx, id)
	if err != nil {
		return err
	}
	if c.Status != call.StatusRinging && c.Status != call.StatusAnswered {
		return problem.Refuse(problem.NotConnected)
	}
	return nil
}

// connected turns the error of something that needs the customer's leg into a problem.
func connected(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, livekit.ErrNotConnected):
		return problem.Refuse(problem.NotConnected)
	default:
		return problem.Unable(problem.LiveKitUnavailable, err)
	}
}
