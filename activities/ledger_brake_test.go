package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// release is an operator's word.
func (b *ledgerBench) release() {
	b.t.Helper()
	require.NoError(b.t, b.store.ReleaseLedger(b.t.Context(), "asha", time.Now().Add(time.Hour)))
}

func (b *ledgerBench) stillLive(ids []call.ID) {
	b.t.Helper()
	for _, id := range ids {
		c, err := b.store.Call(b.t.Context(), id)
		require.NoError(b.t, err)
		require.Nil(b.t, c.Outcome)
	}
	require.Zero(b.t, b.rooms.closes)
}

// A laptop with the production's database and a Temporal of its own: every call seems to be gone.
func TestLedgerOfAnotherNamespaceEndsNobody(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	b.check() // the namespace of the first one is kept
	event, ids := b.outcome(), b.gone(3)
	b.namespace = "two"
	b.watchGone = true
	for range 2 {
		_, err := b.tryCheck()
		var app *temporal.ApplicationError
		require.ErrorAs(t, err, &app)
		require.True(t, app.NonRetryable())
		require.Equal(t, activities.ErrTypeForeignTemporal, app.Type())
		for _, part := range []string{"one", "two", "click2call adopt-temporal two"} {
			require.ErrorContains(t, err, part)
		}
	}
	b.stillLive(ids)
	require.True(t, b.watchGone, "not even the watch is started")
	require.NotContains(t, b.told, "resume "+event)
	require.Equal(t, []activities.AlertKind{activities.AlertForeignTemporal, activities.AlertForeignTemporal}, b.alerts, "it shouts")
}

func TestLedgerBrake(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	for range 9 {
		b.live()
	}
	ids := b.gone(21)
	event := b.outcome()
	for range 2 {
		report := b.check()
		require.Zero(t, report.CallsEnded)
		require.Equal(t, 21, report.CallsHeldBack)
	}
	b.stillLive(ids)
	require.Contains(t, b.told, "resume "+event, "a delivery that is started twice harms nobody")
	held := 0
	for _, kind := range b.alerts {
		if kind == activities.AlertLedgerHeld {
			held++
		}
	}
	require.Equal(t, 2, held, "it shouts")
	brake, err := b.store.LedgerBrake(t.Context())
	require.NoError(t, err)
	require.NotNil(t, brake.HeldSince)
	require.Equal(t, []int{21, 30}, []int{brake.Gone, brake.Live})

	b.release()
	require.Equal(t, 21, b.check().CallsEnded)
	b.check()
	brake, err = b.store.LedgerBrake(t.Context())
	require.NoError(t, err)
	require.Nil(t, brake.HeldSince, "it lets go by itself")
	require.False(t, brake.Released(time.Now()), "the word was for these calls")
}

// Twenty calls may be a mistake of somebody's; and of many calls one in ten.
func TestLedgerBrakeLeavesFewAlone(t *testing.T) {
	t.Parallel()
	few := newLedgerBench(t)
	few.gone(20)
	require.Equal(t, 20, few.check().CallsEnded)

	many := newLedgerBench(t)
	for range 231 {
		many.live()
	}
	many.gone(25)
	require.Equal(t, 25, many.check().CallsEnded)
}

// What a check cannot ask for counts as gone: else a great many would look like few.
func TestLedgerBrakeCountsWhatItDidNotAskFor(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	b.ledger.Heals = 5
	b.stillLive(b.gone(60))
	require.Equal(t, 60, b.check().CallsHeldBack)
}

func TestLedgerWordExpires(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	ids := b.gone(21)
	b.check()
	require.NoError(t, b.store.ReleaseLedger(t.Context(), "asha", time.Now().Add(-time.Second)))
	require.Equal(t, 21, b.check().CallsHeldBack)
	b.stillLive(ids)
}

// Two who talk are not parted by one look, even if they are the only ones.
func TestLedgerLeavesTwoWhoTalkForASecondCheck(t *testing.T) {
	t.Parallel()
	for name, room := range map[string]livekit.Room{
		"they talk": {Exists: true, Agent: true, Leg: call.LegActive}, "it rings": {Exists: true, Agent: true, Leg: call.LegRinging},
	} {
		b := newLedgerBench(t)
		b.rooms.room = room
		ids := b.gone(1)
		require.Zero(t, b.check().CallsEnded, name)
		require.Zero(t, b.check().CallsEnded, "a moment later is not a second sign")
		b.stillLive(ids)
		require.Equal(t, ids, unresolved(b))
	}
	alone := newLedgerBench(t)
	alone.rooms.room = livekit.Room{Exists: true, Agent: true, Leg: call.LegGone}
	alone.gone(1)
	require.Equal(t, 1, alone.check().CallsEnded)
}

// The server of a room died, and LiveKit keeps the room on its list for ever: one sign, and the next check ends the call.
func TestLedgerEndsACallWhoseServerDied(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	b.rooms.lookErr = livekit.ErrUnhosted
	ids := b.gone(1)
	require.Zero(t, b.check().CallsEnded, "the server may only be slow")
	b.stillLive(ids)
	require.Equal(t, ids, unresolved(b))
	b.ledger.Store = halfAMinuteLater{b.store}
	require.Equal(t, 1, b.check().CallsEnded)
	require.Positive(t, b.rooms.closes)
}
