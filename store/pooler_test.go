package store_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func TestPgBouncerSession(t *testing.T) {
	t.Parallel()
	testPooled(t, storetest.PoolSession)
}

func TestPgBouncerTransaction(t *testing.T) {
	t.Parallel()
	testPooled(t, storetest.PoolTransaction)
}

// testPooled is the whole suite by way of a PgBouncer, and what the suite does not have.
func testPooled(t *testing.T, mode storetest.PoolMode) {
	testStore(t, func(t testing.TB) *store.Store {
		return storetest.Open(t, storetest.Pooled(t, storetest.PostgresURL(t), mode))
	})
	t.Run("StartsAtOnceAndAgain", func(t *testing.T) {
		t.Parallel()
		url := storetest.Pooled(t, storetest.EmptyPostgresURL(t), mode)
		for range 2 {
			var starts sync.WaitGroup
			for range 4 {
				s := storetest.Open(t, url)
				starts.Go(func() {
					if err := s.Migrate(t.Context()); err != nil {
						t.Errorf("migrate: %v", err)
					}
					if err := s.Seed(t.Context(), someSeed()); err != nil {
						t.Errorf("seed: %v", err)
					}
				})
			}
			starts.Wait()
		}
	})
	t.Run("CopyFrom", func(t *testing.T) {
		t.Parallel()
		from, to := storetest.SQLite(t), storetest.Open(t, storetest.Pooled(t, storetest.PostgresURL(t), mode))
		testAttempts(t, from)
		require.NoError(t, to.CopyFrom(t.Context(), from, nil))
		requireSame(t, from, to)
	})
}
