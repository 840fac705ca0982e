package api_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

func TestTestCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	calls := api.NewTestCalls(b.deps())
	placed, err := calls.Place(t.Context(), number, "9999999999", "", "asha")
	require.NoError(t, err)
	require.NotEmpty(t, placed.Token)
	require.NotEmpty(t, placed.WSURL)
	c, err := b.store.Call(t.Context(), placed.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"test-call", "asha", number, "+919999999999"}, []string{c.CaseID, c.AgentID, c.CustomerNumber, c.DID})
	require.Len(t, b.workflows.opened(), 1)
	require.NotContains(t, b.workflows.opened()[0].MaskedNumber, number)
}

// A trunk that fails is disabled first and tried then.
func TestTestCallThroughATrunk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	calls := api.NewTestCalls(b.deps())
	off := call.Trunk{ID: store.NewTrunkID(), Label: "Off", LiveKitTrunkID: "ST_off", Prefix: "77", DefaultDID: "+912233445566"}
	b.store.trunks = map[string]call.Trunk{off.ID: off}
	placed, err := calls.Place(t.Context(), number, "", off.ID, "asha")
	require.NoError(t, err)
	c, err := b.store.Call(t.Context(), placed.ID)
	require.NoError(t, err)
	require.Equal(t, []string{off.ID, "+912233445566"}, []string{c.TrunkID, c.DID})
	_, err = calls.Place(t.Context(), number, "", "trk_none", "asha")
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, problem.InvalidRequest, e.Code)
}

func TestTestCallRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	calls := api.NewTestCalls(b.deps())
	codeOf := func(err error) problem.Code {
		e, ok := errors.AsType[*problem.Error](err)
		require.True(t, ok, "%v", err)
		return e.Code
	}
	_, err := calls.Place(t.Context(), "12", "12", "", "asha")
	require.Equal(t, problem.InvalidRequest, codeOf(err))
	b.nothingStarted()
	b.workflows.open = func(context.Context, workflows.CallInput) error { return workflows.ErrLiveKitUnavailable }
	_, err = calls.Place(t.Context(), number, "", "", "asha")
	require.Equal(t, problem.LiveKitUnavailable, codeOf(err))
	require.Empty(t, b.store.rows(), "nothing is left behind")
}
