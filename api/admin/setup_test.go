package admin_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func TestSetupLeft(t *testing.T) { onBoth(t, testSetupLeft) }

// A new installation's checklist ticks itself from what is there, and does not come back.
func testSetupLeft(t *testing.T, b *bench) {
	w := b.as(store.RoleViewer)
	left := func() (steps []string) {
		got := w.get("/overview").is(http.StatusOK)
		if got.at("setup") == nil {
			return nil
		}
		for i := range got.count("setup.steps") {
			if step := fmt.Sprintf("setup.steps.%d.", i); got.at(step+"done") == false {
				steps = append(steps, got.str(step+"step"))
			}
		}
		return steps
	}
	settings, err := b.store.Settings(t.Context())
	require.NoError(t, err)
	settings.LiveKit = store.LiveKitSettings{}
	require.NoError(t, b.store.SaveSettings(t.Context(), settings, "test"))
	require.Equal(t, []string{"livekit", "trunk", "webhook", "api_key", "first_call"}, left())

	settings, err = b.store.Settings(t.Context())
	require.NoError(t, err)
	settings.LiveKit = store.LiveKitSettings{URL: "wss://livekit.example.com", APIKey: "the-key", APISecret: secret}
	require.NoError(t, b.store.SaveSettings(t.Context(), settings, "test"))
	off := b.trunk("Off")
	off.Enabled = false
	require.NoError(t, b.store.SaveTrunk(t.Context(), off))
	b.endedCall(off, call.FromSIPCode(486))
	revoked, err := b.store.AddAPIKey(t.Context(), "old", "a key that was revoked")
	require.NoError(t, err)
	require.NoError(t, b.store.RevokeAPIKey(t.Context(), revoked.ID))
	require.Equal(t, []string{"trunk", "webhook", "api_key", "first_call"}, left(), "none of these counts")

	trunk := b.trunk("On")
	b.endpoint(nowhere)
	_, err = b.store.AddAPIKey(t.Context(), "crm", "a key that is good")
	require.NoError(t, err)
	require.Equal(t, []string{"first_call"}, left())
	b.endedCall(trunk, answered())
	require.Nil(t, left())

	trunk.Enabled = false
	require.NoError(t, b.store.SaveTrunk(t.Context(), trunk))
	require.Nil(t, left(), "what breaks later is for the health to say")
}
