package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"database/sql"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/click2call/click2call/lab/crm"
)

// replayProgress is what the command line says of a bulk replay.
type replayProgress struct {
	ReplayID  string `json:"replay_id"`
	State     string `json:"state"`
	Total     int    `json:"total"`
	Sent      int    `json:"sent"`
	Succeeded int    `json:"succeeded"`
	Failed    int    `json:"failed"`
	Skipped   int    `json:"skipped"`
	Left      int    `json:"left"`
}

// deliveries prepares `click2call deliveries …`, as an operator runs it beside the worker.
func (s *site) deliveries(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(ctx, built(t).product, append([]string{"deliveries"}, args...)...)
	cmd.Env, cmd.Dir = s.ProductEnv(0), s.Dir()
	return cmd
}

// runDeliveries runs `click2call deliveries …` to its end and returns what it printed.
func (s *site) runDeliveries(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	cmd := s.deliveries(ctx, t, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "%s", errs.String())
	return out.String()
}

// steer runs `click2call deliveries pause`, resume or cancel.
func (s *site) steer(t *testing.T, how, replayID string) (p replayProgress) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(s.runDeliveries(t, how, replayID, "--json")), &p))
	return p
}

// watching is a running `click2call deliveries replay --watch --json`.
type watching struct {
	lines chan replayProgress // closed at the program's end
	ended chan error
	errs  bytes.Buffer
}

// watchReplay begins a replay and follows what the command line says of it.
func (s *site) watchReplay(t *testing.T, args ...string) *watching {
	t.Helper()
	cmd := s.deliveries(t.Context(), t, append([]string{"replay", "--yes", "--watch", "--json"}, args...)...)
	w := &watching{lines: make(chan replayProgress, 10_000), ended: make(chan error, 1)}
	cmd.Stderr = &w.errs
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	go func() {
		defer close(w.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			var p replayProgress
			if err := json.Unmarshal(scanner.Bytes(), &p); err != nil {
				w.ended <- err
				return
			}
			w.lines <- p
		}
		w.ended <- cmd.Wait()
	}()
	return w
}

// undelivered makes so many deliveries that wait for an attempt in a day, with their workflows, and so many dead ones. The CRM
// is down meanwhile, and well afterwards.
func (s *site) undelivered(t *testing.T, waiting, dead int) {
	t.Helper()
	s.behave(t, crm.Behaviour{Status: 503})
	callID := s.outcome(t)
	original := strings.TrimPrefix(callID, "c2c_")
	awaitAttempts(t, s, callID, 1)
	ids := make([]string, waiting+dead-1)
	for i := range ids {
		ids[i] = strings.ToLower(cryptorand.Text())
	}
	s.write(t, func(tx *sql.Tx) { // at once: the ledger starts the workflow of a delivery that waits without one
		copyOutcome(t, tx, original, ids)
		kill(t, tx, ids[waiting-1:])
	})
	for _, id := range ids[:waiting-1] {
		_, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: deliveryOf(id), TaskQueue: "click2call-deliveries"},
			"Deliver", map[string]string{"event_id": "evt_" + id})
		require.NoError(t, err)
	}
	for _, id := range ids[:waiting-1] {
		awaitAttempts(t, s, id, 1)
	}
	s.behave(t, crm.Behaviour{})
}

// kill makes deliveries dead, as a schedule that was exhausted long ago leaves them.
func kill(t *testing.T, tx *sql.Tx, ids []string) {
	t.Helper()
	for _, id := range ids {
		_, err := tx.ExecContext(t.Context(), `UPDATE deliveries SET state = 'dead', dead_at = created_at, next_attempt_at = NULL
			WHERE event_id = 'evt_' || ?`, id)
		require.NoError(t, err)
	}
}

// awaitSettled waits until so many deliveries of a replay have had their turn.
func awaitSettled(t *testing.T, db *sql.DB, replayID string, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return number(t, db, `SELECT COUNT(*) FROM replay_items WHERE replay_id = ? AND result <> ''`, replayID) >= n
	}, time.Minute, poll)
}

// awaitIdle waits until nobody works on a replay: its workflow has no activity.
func (s *site) awaitIdle(t *testing.T, replayID string) {
	t.Helper()
	require.Eventually(t, func() bool {
		d, err := s.Temporal.DescribeWorkflow(t.Context(), "replay-"+replayID, "")
		return err == nil && len(d.RawResponse.GetPendingActivities()) == 0
	}, soon, poll)
}
