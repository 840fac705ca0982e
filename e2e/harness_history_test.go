package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"

	"github.com/click2call/click2call/lab/history"
)

// watchID is the id of the one workflow that looks into all rooms.
const watchID = "click2call-watch"

// history is what Temporal keeps of this call's workflow.
func (c *phoneCall) history() []*historypb.HistoryEvent {
	c.t.Helper()
	return c.site.history(c.t, c.placed.CallID)
}

// deliveryOf is the id of the workflow that delivers a call's outcome when its first attempt failed.
func deliveryOf(callID string) string { return "delivery-evt_" + strings.TrimPrefix(callID, "c2c_") }

// history waits until the workflow is over: its last events come after its outcome. The Watch never is.
func (s *site) history(t *testing.T, workflowID string) []*historypb.HistoryEvent {
	t.Helper()
	if workflowID != watchID {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		require.NoError(t, s.Temporal.GetWorkflow(ctx, workflowID, "").Get(ctx, nil), workflowID)
	}
	events, err := history.Read(t.Context(), s.Temporal, workflowID)
	require.NoError(t, err)
	return events
}

// recordTo names a directory to which the histories of calls are saved, one for each outcome, for the replay tests of
// the workflows: see workflows/testdata/replay/README.md.
const recordTo = "E2E_RECORD_HISTORIES"

// saveHistories saves the histories of a site's calls, at its end, when a directory for them is given.
func (s *site) saveHistories(t *testing.T) {
	t.Helper()
	dir := os.Getenv(recordTo)
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), soon)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.t.Failed() {
			continue
		}
		var result struct { // the product may have been stopped: Temporal knows
			Reason   string `json:"disconnect_reason"`
			Delivery string `json:"delivery_workflow"`
		}
		require.NoError(t, s.Temporal.GetWorkflow(ctx, c.placed.CallID, "").Get(ctx, &result))
		require.NoError(t, s.saveHistory(ctx, dir, c.placed.CallID, "", result.Reason+c.story))
		if result.Delivery != "" {
			require.NoError(t, s.saveHistory(ctx, dir, result.Delivery, "", "delivered"))
		}
	}
	require.NoError(t, s.saveHistory(ctx, dir, watchID, "", "watch"))
}

// record saves the history of a workflow that is over and belongs to no call, when a directory for histories is given.
func (s *site) record(t *testing.T, workflowID, name string) {
	t.Helper()
	s.recordRun(t, workflowID, "", name)
}

// recordRun is record for a run that is not the workflow's latest one.
func (s *site) recordRun(t *testing.T, workflowID, runID, name string) {
	t.Helper()
	if dir := os.Getenv(recordTo); dir != "" {
		require.NoError(t, s.saveHistory(t.Context(), dir, workflowID, runID, name))
	}
}

// saveHistory saves the history of a workflow's run (empty: the latest) as the SDK's replayer reads it. The first one of a
// name stays.
func (s *site) saveHistory(ctx context.Context, dir, workflowID, runID, name string) error {
	events, err := history.ReadRun(ctx, s.Temporal, workflowID, runID)
	if err != nil {
		return err
	}
	text, err := history.JSON(events)
	if err != nil {
		return err
	}
	for _, step := range []struct{ in, name string }{ // younger than the first histories, which have the plain names
		{`"FindLeg"`, "_after_a_lost_dial"}, {`"DeliverFirst"`, "_with_its_first_attempt"},
	} {
		if bytes.Contains(text, []byte(step.in)) {
			name += step.name
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, name+".json"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("save history: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

// signals counts a call's signals of one name.
func (c *phoneCall) signals(name string) int {
	c.t.Helper()
	n := 0
	for _, e := range c.history() {
		if e.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == name {
			n++
		}
	}
	return n
}
