package e2e_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// part is one of the console's health.
type part struct {
	Part, ID, Name, State, What string
}

// health waits until a part of the console's health is in a state, and returns it with how long that took.
func (o *console) health(kind, state string, within time.Duration) (p part, took time.Duration) {
	o.t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(o.t.Context(), within, errors.New(kind+" is not "+state))
	defer cancel()
	for {
		var overview struct {
			Health struct{ Parts []part }
		}
		o.get("/overview", &overview)
		for _, p = range overview.Health.Parts {
			if p.Part == kind && p.State == state {
				return p, time.Since(began)
			}
		}
		select {
		case <-ctx.Done():
			require.NoError(o.t, context.Cause(ctx), "%+v", overview)
		case <-time.After(poll):
		}
	}
}

// TestTrunkLost: LiveKit forgets the trunk and answers all its health checks. Nobody calls, and operators know within a minute.
func TestTrunkLost(t *testing.T) {
	s := open(t, setting{})
	o := s.console(t)
	s.works(t)
	require.NoError(t, s.LoseTrunk(t.Context()))
	p, took := o.health("trunk", "failing", time.Minute)
	t.Logf("the trunk is red after %s: %s", took.Round(time.Millisecond), p.What)
	assert.Contains(t, p.What, "LiveKit does not know its trunk "+s.TrunkID)
	time.Sleep(time.Second + poll) // what the api knows of faults is a second old at most
	status, code := s.refused(t, secondsOf("200", 0, 1))
	require.Equal(t, []any{http.StatusServiceUnavailable, "no_trunk"}, []any{status, code})

	id, err := s.RestoreTrunk(t.Context())
	require.NoError(t, err)
	var trunk map[string]any
	o.get("/trunks", &struct{ Trunks []*map[string]any }{Trunks: []*map[string]any{&trunk}})
	delete(trunk, "trunk_id")
	trunk["livekit_trunk_id"] = id
	require.Equal(t, http.StatusOK, o.do(http.MethodPut, "/trunks/"+p.ID, trunk, nil))
	_, took = o.health("trunk", "ok", 10*time.Second)
	t.Logf("and well again after %s", took.Round(time.Millisecond))
	time.Sleep(time.Second + poll)
	s.works(t)
}

// TestSIPServiceLost: two calls that no SIP service took, and operators know; a dial shows that it is back.
func TestSIPServiceLost(t *testing.T) {
	s := open(t, setting{})
	o := s.console(t)
	s.Servers.SIP.Kill()
	began := time.Now()
	for range 2 {
		s.call(t, secondsOf("200", 0, 1)).join().endAs(mediaServerNoHelp, ending{none: true})
	}
	p, _ := o.health("sip", "failing", 10*time.Second)
	t.Logf("the SIP service is red %s after its death: %s", time.Since(began).Round(time.Millisecond), p.What)
	var err error
	time.Sleep(time.Second + poll)
	tries := s.call(t, secondsOf("200", 0, 1)) // the one in ten seconds
	status, code := s.refused(t, secondsOf("200", 0, 1))
	require.Equal(t, []any{http.StatusServiceUnavailable, "no_trunk"}, []any{status, code})
	tries.join().endAs(mediaServerNoHelp, ending{none: true})

	require.NoError(t, s.Servers.SIP.Start(t.Context()))
	began = time.Now()
	next := s.prepare(t, secondsOf("200", 0, 1))
	require.Eventually(t, func() bool {
		ctx, cancel := next.within(soon)
		defer cancel()
		next.placed, err = next.Place(ctx, s.Secrets.InboundKey, next.request())
		return err == nil
	}, 15*time.Second, poll)
	t.Logf("a call is let through %s after it is back", time.Since(began).Round(time.Millisecond))
	s.keep(next)
	next.Adopt(next.placed)
	next.join().end(customerHangup)
	_, _ = o.health("sip", "ok", 5*time.Second)
	s.works(t)
}
