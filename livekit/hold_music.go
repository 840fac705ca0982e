package livekit

import (
	"bytes"
	"context"
	_ "embed" // the tune
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4/pkg/media"
)

// holdMusic is G.711 μ-law, 8 kHz: telephones and LiveKit's SIP service take it as it is.
//
//go:embed hold_music.ulaw
var holdMusic []byte

const (
	musicFrame  = 160             // bytes of 20 ms
	musicSecond = 50 * musicFrame // bytes
	longMusic   = 30 * 60         // seconds
	mostMusic   = longMusic * musicSecond
)

// ReadHoldMusic reads what customers on hold are to hear: bare G.711 μ-law, 8 kHz, one channel, without a header, one second to half an
// hour of it. What has a known header is refused, since its bytes would be noise in somebody's ear.
func ReadHoldMusic(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	sound, err := io.ReadAll(io.LimitReader(f, mostMusic+1))
	if err != nil {
		return nil, fmt.Errorf("read hold music: %w", err)
	}
	for _, header := range []string{"RIFF", "ID3", "OggS", "fLaC", ".snd", "FORM", "\xff\xfb", "\xff\xf3"} {
		if bytes.HasPrefix(sound, []byte(header)) {
			return nil, errors.New("is not bare G.711 μ-law; make it with: ffmpeg -i music -ar 8000 -ac 1 -f mulaw hold_music.ulaw")
		}
	}
	if len(sound) < musicSecond || len(sound) > mostMusic {
		return nil, fmt.Errorf("must hold one second to %d minutes, that is %d to %d bytes", longMusic/60, musicSecond, mostMusic)
	}
	return sound, nil
}

// WithHoldMusic has customers on hold hear this, as [ReadHoldMusic] returns it, instead of the tune that is built in.
func WithHoldMusic(sound []byte) Option { return func(c *Client) { c.holdMusic = sound } }

// music plays a sound again and again.
type music struct {
	lksdk.BaseSampleProvider
	sound []byte
	at    int
}

// NextSample returns 20 ms.
func (m *music) NextSample(ctx context.Context) (media.Sample, error) {
	if err := ctx.Err(); err != nil {
		return media.Sample{}, err
	}
	frame := m.sound[m.at : m.at+musicFrame]
	m.at = (m.at + musicFrame) % (len(m.sound) / musicFrame * musicFrame)
	return media.Sample{Data: frame, Duration: 20 * time.Millisecond}, nil
}
