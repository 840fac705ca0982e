package activities_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// lost is a live call in the database whose workflow had ended it as it was: the commit was lost in a failover.
func (b *ledgerBench) lost() (id call.ID, was activities.Recorded, body []byte) {
	b.t.Helper()
	id = b.live()
	c, err := b.store.Call(b.t.Context(), id)
	require.NoError(b.t, err)
	answered := time.Now().UTC().Add(-50 * time.Second)
	was.Outcome = call.Outcome{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, SIPCode: new(200), DurationSeconds: 42, RingSeconds: 6,
		HangupBy: call.PartyCustomer, AnsweredAt: &answered, EndedAt: answered.Add(42 * time.Second)}
	body, err = call.NewPayload(c, was.Outcome)
	require.NoError(b.t, err)
	sum := sha256.Sum256(body)
	was.BodySHA256 = hex.EncodeToString(sum[:])
	b.fates[string(id)] = activities.Fate{Completed: true, ClosedAt: was.EndedAt}
	b.results[id] = was
	return id, was, body
}

func TestLedgerTakesTheCompletedOutcome(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	id, was, body := b.lost()
	b.fates[id.EventID()] = activities.Fate{Completed: true, ClosedAt: was.EndedAt.Add(time.Second)}
	b.rooms.room = livekit.Room{Leg: call.LegNoRoom}
	b.check()

	c, err := b.store.Call(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, was.Reason, c.Outcome.Reason, "not a second outcome")
	require.Equal(t, []int{42, 6}, []int{c.Outcome.DurationSeconds, c.Outcome.RingSeconds})
	d, err := b.store.Delivery(t.Context(), id.EventID())
	require.NoError(t, err)
	require.Equal(t, string(body), string(d.Body), "the bytes that the CRM has")
	require.Equal(t, store.DeliveryDelivered, d.State, "it was delivered before")
	require.Empty(t, b.told, "nothing is posted again")
	require.Zero(t, b.rooms.closes)
	require.True(t, b.check().Balanced)
}

func TestLedgerDeliversACompletedOutcomeThatWasNotDelivered(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	id, _, body := b.lost()
	b.check()
	require.Equal(t, []string{"resume " + id.EventID()}, b.told)
	d, err := b.store.Delivery(t.Context(), id.EventID())
	require.NoError(t, err)
	require.Equal(t, store.DeliveryPending, d.State)
	require.Equal(t, string(body), string(d.Body))
}

// Rather no outcome than one that the CRM knows otherwise.
func TestLedgerInventsNoSecondOutcome(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	other, was, _ := b.lost()
	was.DurationSeconds++
	b.results[other] = was // the hash is that of other bytes
	unknown, _, _ := b.lost()
	delete(b.results, unknown)
	b.check()
	require.ElementsMatch(t, []call.ID{other, unknown}, unresolved(b))
	b.stillLive([]call.ID{other, unknown})
	require.Empty(t, b.told)
}

// A database that was put back knows many calls as live whose workflows completed: that is no reason to doubt Temporal.
func TestLedgerBrakeLetsCompletedOutcomesThrough(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	for range 25 {
		b.lost()
	}
	ids := b.gone(21)
	report := b.check()
	require.Equal(t, 21, report.CallsHeldBack)
	require.Equal(t, 25, report.CallsEnded)
	b.stillLive(ids)
}
