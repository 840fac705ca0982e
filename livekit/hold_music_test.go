package livekit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/livekit"
)

func TestReadHoldMusic(t *testing.T) {
	t.Parallel()
	file := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "music")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	second := bytes.Repeat([]byte{0x55}, 8000)
	got, err := livekit.ReadHoldMusic(file(second))
	require.NoError(t, err)
	require.Equal(t, second, got)

	for name, content := range map[string][]byte{
		"a WAV file": append([]byte("RIFF"), second...), "an MP3 file": append([]byte("ID3"), second...), "an Ogg file": append([]byte("OggS"), second...),
		"nothing": nil, "too short": second[1:], "too long": bytes.Repeat(second, 30*60+1),
	} {
		_, err := livekit.ReadHoldMusic(file(content))
		require.Error(t, err, name)
	}
	_, err = livekit.ReadHoldMusic(filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
}
