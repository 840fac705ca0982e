package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/crm"
)

// unanswered places a call and gives it up before anybody is dialed: the quickest way to an outcome. It returns the
// call's id. A busy product says 503, and is asked again.
func (s *site) unanswered(ctx context.Context) (callID string, err error) {
	a := agent.New(s.ProductURL())
	defer a.Leave()
	if err := s.placeFor(ctx, a); err != nil {
		return "", err
	}
	return a.Call().CallID, whileBusy(ctx, func() error { return a.PostHangUp(ctx) })
}

// placeFor places a call for the agent. A busy product is asked again.
func (s *site) placeFor(ctx context.Context, a *agent.Agent) error {
	return whileBusy(ctx, func() error {
		placed, err := a.Place(ctx, s.Secrets.InboundKey, map[string]string{
			"case_id": "case-1", "customer_number": rings, "agent_id": "agent-42", "customer_crm_id": "crm-7",
		})
		if err == nil {
			a.Adopt(placed)
		}
		return err
	})
}

// whileBusy repeats what is answered with 503 as long as ctx lives.
func whileBusy(ctx context.Context, do func() error) error {
	for {
		err := do()
		var refused *agent.StatusError
		if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable {
			return err
		}
		select {
		case <-time.After(another):
		case <-ctx.Done():
			return err
		}
	}
}

// outcome is unanswered for tests that need one.
func (s *site) outcome(t *testing.T) (callID string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	callID, err := s.unanswered(ctx)
	require.NoError(t, err)
	return callID
}

// behave tells the CRM what to do with the next webhooks.
func (s *site) behave(t *testing.T, b crm.Behaviour) {
	t.Helper()
	require.NoError(t, s.CRM.Behave(b))
}

// awaitTaken waits until the CRM has taken a call's webhook.
func (s *site) awaitTaken(t *testing.T, callID string, within time.Duration) crm.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	r, err := s.CRM.WaitFor(ctx, callID)
	require.NoError(t, err)
	return r
}

// sqlite opens the product's database for reading.
func (s *site) sqlite(t *testing.T) *sql.DB {
	t.Helper()
	file := url.URL{Scheme: "file", Opaque: filepath.Join(s.Dir(), "click2call.db"), RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", file.String())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// number is the one number that a query finds.
func number(t *testing.T, db *sql.DB, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), query, args...).Scan(&n), query)
	return n
}

// countWorkflows is how many workflows Temporal's list has for a query.
func (s *site) countWorkflows(t *testing.T, query string) int {
	t.Helper()
	got, err := s.Temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	require.NoError(t, err)
	return int(got.GetCount())
}

// temporal runs Temporal's own command line, as an operator does.
func (s *site) temporal(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	cmd := exec.CommandContext(ctx, built(t).servers.Temporal, append(args, "--address", s.Servers.TemporalAddress())...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func eventOf(callID string) string { return "evt_" + strings.TrimPrefix(callID, "c2c_") }

// sameOutcome checks that all requests for a call are the same event with the same bytes, and verify.
func (s *site) sameOutcome(t *testing.T, callID string) []crm.Request {
	t.Helper()
	all := s.CRM.ForCall(callID)
	require.NotEmpty(t, all)
	for i, r := range all {
		require.Equal(t, eventOf(callID), r.ID)
		require.Equal(t, string(all[0].Body), string(r.Body), "the bytes never change")
		require.True(t, r.Verified, r.Unverified)
		require.NotEmpty(t, r.Header.Get("X-Click2call-Attempt"), fmt.Sprint(i))
	}
	return all
}
