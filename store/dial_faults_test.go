package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func testDialFaults(t *testing.T, s *store.Store) {
	ctx := t.Context()
	at := time.Now().Truncate(time.Millisecond).UTC()
	sign := func(trunk string, kind store.FaultKind, after time.Duration) (store.DialFault, bool) {
		t.Helper()
		f, news, err := s.AddFaultSign(ctx, trunk, kind, at.Add(after))
		require.NoError(t, err)
		return f, news
	}
	f, news := sign("a", store.FaultTrunkUnknown, 0)
	require.Equal(t, store.DialFault{TrunkID: "a", Kind: store.FaultTrunkUnknown, Signs: 1, Since: at, SeenAt: at}, f)
	require.False(t, f.Certain(), "one sign")
	f, news2 := sign("a", store.FaultTrunkUnknown, time.Second)
	require.False(t, f.Certain(), "two signs of the same moment")
	f, news3 := sign("a", store.FaultTrunkUnknown, 5*time.Second)
	require.True(t, f.Certain())
	_, news4 := sign("a", store.FaultTrunkUnknown, 6*time.Second)
	require.Equal(t, []bool{false, false, true, false}, []bool{news, news2, news3, news4}, "operators hear of it once")
	require.True(t, f.Holds(at.Add(time.Minute)))
	require.False(t, f.Holds(at.Add(10*time.Minute)), "nobody has seen it for long")

	f, news = sign("a", store.FaultTrunkLogin, 20*time.Second)
	require.False(t, f.Certain(), "another kind begins anew")
	require.False(t, news)
	_, _ = sign("", store.FaultNoSIPService, 0)
	all, err := s.DialFaults(ctx)
	require.NoError(t, err)
	require.Len(t, all, 2)

	told, err := s.EndFault(ctx, "a", store.FaultTrunkUnknown)
	require.NoError(t, err)
	require.False(t, told, "it is of another kind now")
	_, news = sign("a", store.FaultTrunkLogin, 30*time.Second)
	require.True(t, news)
	for _, want := range []bool{true, false} {
		told, err = s.EndFault(ctx, "a", store.FaultTrunkUnknown, store.FaultTrunkLogin)
		require.NoError(t, err)
		require.Equal(t, want, told, "that it is over is news once, and only if the fault was")
	}
	told, err = s.EndFault(ctx, "", store.FaultNoSIPService)
	require.NoError(t, err)
	require.False(t, told)

	require.NoError(t, s.SaveTrunk(ctx, trunkNamed("b")))
	_, _ = sign("b", store.FaultTrunkUnknown, 0)
	changed := trunkNamed("b")
	changed.Default = true
	require.NoError(t, s.SaveTrunk(ctx, changed))
	all, err = s.DialFaults(ctx)
	require.NoError(t, err)
	require.Empty(t, all, "a trunk that was changed begins without a fault")
}
