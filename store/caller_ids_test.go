package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func testLastShown(t *testing.T, s *store.Store) {
	require.NoError(t, s.Seed(t.Context(), store.Seed{}))
	trunk := addTrunk(t, s)
	for i, did := range []string{"+911", "+912", "+911"} {
		c := newCall(trunk, begin.Add(time.Duration(i)*time.Minute))
		c.DID = did
		addCall(t, s, c)
	}
	many := []string{"+911", "+913"}
	for i := range 250 {
		many = append(many, fmt.Sprintf("+4%d", i))
	}
	last, err := s.LastShown(t.Context(), append(many, "+912"))
	require.NoError(t, err)
	require.Equal(t, map[string]time.Time{"+911": begin.Add(2 * time.Minute).UTC(), "+912": begin.Add(time.Minute).UTC()}, last)
	last, err = s.LastShown(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, last)
}
