package livekit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The music begins again at its end; a rest that fills no frame is left out.
func TestHoldMusicBeginsAgain(t *testing.T) {
	t.Parallel()
	sound := make([]byte, 2*musicFrame+7)
	sound[0], sound[musicFrame] = 1, 2
	m := &music{sound: New(nil, WithHoldMusic(sound)).holdMusic}
	for _, want := range []byte{1, 2, 1, 2} {
		got, err := m.NextSample(t.Context())
		require.NoError(t, err)
		require.Len(t, got.Data, musicFrame)
		require.Equal(t, want, got.Data[0])
	}
	require.Equal(t, holdMusic, New(nil).holdMusic, "without a file it is the tune that is built in")
}
