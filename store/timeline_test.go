package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testTimeline(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	late := call.Entry{At: after(time.Minute), Source: call.SourceBrowser, Name: "status", Detail: "unknown: é…"}
	early := call.Entry{At: after(time.Second), Source: call.SourceTimer, Name: "connect"}
	require.NoError(t, s.AppendEntry(t.Context(), c.ID, late))
	require.NoError(t, s.AppendEntry(t.Context(), c.ID, early))
	entries, err := s.Timeline(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, []call.Entry{early, late}, entries)

	hostile := call.Entry{At: after(time.Hour), Name: strings.Repeat("n", 100), Detail: "\x00\xff" + strings.Repeat("é", 2000)}
	require.NoError(t, s.AppendEntry(t.Context(), c.ID, hostile))
	entries, err = s.Timeline(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, entries[2].Name, 64)
	require.LessOrEqual(t, len(entries[2].Detail), 1024)
	require.True(t, utf8.ValidString(entries[2].Detail))
	require.ErrorIs(t, s.AppendEntry(t.Context(), call.NewID(), early), store.ErrNotFound)
}

func testTimelineIsBounded(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	const writers, each = 10, 45 // 450: more than may be appended
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				if err := s.AppendEntry(t.Context(), c.ID, call.Entry{At: begin, Name: "status"}); err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	wg.Wait()
	entries, err := s.Timeline(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, entries, 400)

	story := make([]call.Entry, 200)
	for i := range story {
		story[i] = call.Entry{At: after(time.Hour), Name: "end"}
	}
	_, err = s.RecordOutcome(t.Context(), c.ID, busy(begin), nil, story, bodyOf(c))
	require.NoError(t, err)
	require.NoError(t, s.AppendEntry(t.Context(), c.ID, story[0]))
	entries, err = s.Timeline(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, entries, 500)
	require.Equal(t, "end", entries[499].Name)
}
