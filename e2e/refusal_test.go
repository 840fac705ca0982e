package e2e_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/click2call/click2call/lab/carrier"
)

// refused places a call that must be refused, and returns how.
func (s *site) refused(t *testing.T, number string) (status int, code string) {
	t.Helper()
	c := s.prepare(t, number)
	ctx, cancel := c.within(soon)
	defer cancel()
	_, err := c.Place(ctx, s.Secrets.InboundKey, c.request())
	return statusOf(t, err)
}

// nothingOfIt checks that a refused call left nothing behind anywhere: all that is there is of the site's calls before.
func (s *site) nothingOfIt(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	before := len(s.calls)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(t.Context(), soon, errors.New("something is left of a refused call"))
	defer cancel()
	assert.Eventually(t, func() bool {
		rooms, err := s.Rooms(ctx)
		return err == nil && len(rooms) == 0
	}, soon, poll, "a room is left")
	assert.Eventually(t, func() bool {
		n, err := s.runningCalls(ctx)
		return err == nil && n == 0
	}, soon, poll, "a workflow still runs")
	assert.Len(t, s.CRM.Received(), before, "a call that was refused has no webhook")
	assert.Len(t, s.Carrier.Calls(), before, "and nobody was dialed")
}

// runningCalls counts the Call workflows that are not over.
func (s *site) runningCalls(ctx context.Context) (int64, error) {
	got, err := s.Temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Query: `WorkflowType = 'Call' AND ExecutionStatus = 'Running'`,
	})
	return got.GetCount(), err
}

// works checks that a site is well again: a whole call.
func (s *site) works(t *testing.T) {
	t.Helper()
	s.call(t, secondsOf("200", 0, 1)).join().end(customerHangup)
}

func TestNoTrunk(t *testing.T) {
	s := open(t, setting{env: []string{"SIP_TRUNK_ID=", "SIP_TRUNK_PREFIX=", "SIP_TRUNK_DID="}})
	status, code := s.refused(t, secondsOf("200", 0, 1))
	assert.Equal(t, 503, status)
	assert.Equal(t, "no_trunk", code)
	s.nothingOfIt(t)
}

// TestRefusedWhileAway: without LiveKit or Temporal a call is refused, nothing of it is left, and calls work again when
// they are back.
func TestRefusedWhileAway(t *testing.T) {
	s := open(t, setting{})
	number := secondsOf("200", 0, 1)
	s.works(t)

	s.Servers.LiveKit.Kill()
	status, code := s.refused(t, number)
	assert.Equal(t, 503, status)
	assert.Equal(t, "livekit_unavailable", code)
	require.NoError(t, s.Servers.LiveKit.Start(t.Context()))
	s.nothingOfIt(t)

	s.Servers.Temporal.Kill()
	status, code = s.refused(t, number)
	assert.Equal(t, 503, status)
	assert.Equal(t, "temporal_unavailable", code)
	require.NoError(t, s.Servers.Temporal.Start(t.Context()))
	s.nothingOfIt(t)

	s.works(t)
}

// TestNoSIPService: LiveKit is there and its SIP service is not, so that the call is accepted and nobody can be dialed.
func TestNoSIPService(t *testing.T) {
	s := open(t, setting{})
	s.Servers.SIP.Kill()
	s.call(t, secondsOf("200", 0, 1)).join().endAs(mediaServerNoHelp, ending{none: true})
	require.NoError(t, s.Servers.SIP.Start(t.Context()))
	s.works(t)
}

// TestSIPServiceBackInTime: a SIP service that comes back within seconds is asked again. Nobody was dialed before, so
// that this is no second call.
func TestSIPServiceBackInTime(t *testing.T) {
	s := open(t, setting{})
	s.Servers.SIP.Kill()
	c := s.call(t, secondsOf("200", 0, 2)).enter()
	require.NoError(t, c.Connect(t.Context()))
	require.NoError(t, s.Servers.SIP.Start(t.Context()))
	line := c.awaitLine("is up", func(l carrier.Call) bool { return !l.AckedAt.IsZero() })
	assert.Less(t, line.InvitedAt.Sub(*c.read().ConnectedAt), 15*time.Second)
	c.end(customerHangup)
}
