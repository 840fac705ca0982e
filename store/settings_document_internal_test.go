package store

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

// TestOldSettingsHaveTheDefaults: a knob that is younger than the settings has its default, not zero.
func TestOldSettingsHaveTheDefaults(t *testing.T) {
	t.Parallel()
	var old settingsDocument
	require.NoError(t, json.Unmarshal([]byte(`{"ring_timeout":"30s"}`), &old))
	require.Equal(t, call.DefaultKnobs().MediaTimeout, old.settings().Knobs.MediaTimeout)
}
