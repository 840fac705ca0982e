package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// Delivered makes a delivery one that the CRM took at its first attempt.
func Delivered(t testing.TB, s *store.Store, eventID string) {
	t.Helper()
	require.NoError(t, s.SaveAttempt(t.Context(), store.Attempt{
		EventID: eventID, N: 1, Trigger: store.TriggerAutomatic, StartedAt: time.Now(), URL: "https://crm.example.com", Status: 200,
	}))
}

// Dead makes a delivery one that the CRM did not take, at an attempt that was the only one.
func Dead(t testing.TB, s *store.Store, eventID string) {
	t.Helper()
	require.NoError(t, s.SaveAttempt(t.Context(), store.Attempt{
		EventID: eventID, N: 1, Trigger: store.TriggerAutomatic, StartedAt: time.Now(), URL: "https://crm.example.com", Status: 500,
		ErrorClass: "status", Error: "answered 500 Internal Server Error", Run: "the run that it died in",
	}))
}
