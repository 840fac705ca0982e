package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// Deliveries are read in the order of their births, each once, with the exact bytes.
func testDeliveriesSince(t *testing.T, s *store.Store) {
	ctx, before := t.Context(), time.Now().Add(-time.Minute)
	first, second, third := addDelivery(t, s), addDelivery(t, s), addDelivery(t, s)
	since := func(m store.DeliveryMark) []store.DeliveryMark {
		marks, err := s.DeliveriesSince(ctx, m)
		require.NoError(t, err)
		return marks
	}
	marks := since(store.DeliveryMark{CreatedAt: before})
	require.Len(t, marks, 3)
	read, err := s.DeliveriesOf(ctx, []string{third.EventID, first.EventID, "evt_nobody", second.EventID})
	require.NoError(t, err)
	require.Len(t, read, 3)
	byID := map[string]store.Delivery{first.EventID: first, second.EventID: second, third.EventID: third}
	for i, m := range marks {
		require.Equal(t, m.EventID, read[i].EventID, "both go by birth")
		want := byID[m.EventID]
		require.Equal(t, want.Body, read[i].Body)
		require.Equal(t, want.EndpointID, read[i].EndpointID)
		require.True(t, m.CreatedAt.Equal(want.CreatedAt))
		require.Equal(t, marks[i+1:], since(m), "after %d", i)
	}
	none, err := s.DeliveriesOf(ctx, nil)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = s.DeliveriesOf(ctx, make([]string, 501))
	require.ErrorIs(t, err, store.ErrInvalid)
}
