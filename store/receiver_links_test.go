package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func testReceiverLinks(t *testing.T, s *store.Store) {
	ctx := t.Context()
	hasEndpoint(t, s)
	_, _, err := s.AddReceiverLink(ctx, "ep_none", "Asha", "admin", time.Hour)
	require.ErrorIs(t, err, store.ErrNotFound)
	for _, lasts := range []time.Duration{0, -time.Hour, store.ReceiverLinkMost + time.Second} {
		_, _, err = s.AddReceiverLink(ctx, "ep_default", "Asha", "admin", lasts)
		require.ErrorIs(t, err, store.ErrInvalid)
	}
	_, _, err = s.AddReceiverLink(ctx, "ep_default", "", "admin", time.Hour)
	require.ErrorIs(t, err, store.ErrInvalid)

	link, token, err := s.AddReceiverLink(ctx, "ep_default", "Asha", "admin", time.Hour)
	require.NoError(t, err)
	require.Regexp(t, `^rcv_[A-Z2-7]{26}$`, token)
	got, err := s.CheckReceiverToken(ctx, token)
	require.NoError(t, err)
	require.Equal(t, link.ID, got.ID)
	require.Equal(t, "ep_default", got.EndpointID)
	short, brief, err := s.AddReceiverLink(ctx, "ep_default", "Ravi", "admin", time.Millisecond)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return !short.Opens(time.Now()) }, time.Minute, time.Millisecond)
	for _, wrong := range []string{"", "rcv_", brief, token + "A", token[:len(token)-1], strings.ToLower(token), "rcv_" + strings.Repeat("A", 500)} {
		_, err = s.CheckReceiverToken(ctx, wrong)
		require.ErrorIs(t, err, store.ErrNotFound, wrong)
	}
	links, err := s.ReceiverLinks(ctx, "ep_default")
	require.NoError(t, err)
	require.Len(t, links, 2)
	require.Equal(t, []string{"Ravi", "Asha"}, []string{links[0].Name, links[1].Name})
	require.NotNil(t, links[1].LastUsedAt)

	require.ErrorIs(t, s.RevokeReceiverLink(ctx, "ep_other", link.ID), store.ErrNotFound)
	for range 2 {
		require.NoError(t, s.RevokeReceiverLink(ctx, "ep_default", link.ID))
	}
	_, err = s.CheckReceiverToken(ctx, token)
	require.ErrorIs(t, err, store.ErrNotFound)
	for range 20 {
		_, _, err = s.AddReceiverLink(ctx, "ep_default", "many", "admin", time.Hour)
		require.NoError(t, err)
	}
	_, _, err = s.AddReceiverLink(ctx, "ep_default", "one more", "admin", time.Hour)
	require.ErrorIs(t, err, store.ErrConflict)
}
