package agent

import (
	"context"
	"math"
	"time"

	"github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4/pkg/media"
)

const (
	// HumHz is the tone of the agent's microphone, far from the carrier's 440 Hz and the ringing tone's 425 Hz.
	HumHz = 1000

	sampleRate   = 8000
	frameSamples = 160 // 20 ms
	humLevel     = 8000
)

// hum is a microphone that hums HumHz in PCMU, which LiveKit and its SIP service take as it is: no encoder is needed.
type hum struct {
	lksdk.BaseSampleProvider
	n int // samples so far
}

// NextSample returns 20 ms of the tone.
func (h *hum) NextSample(ctx context.Context) (media.Sample, error) {
	if err := ctx.Err(); err != nil {
		return media.Sample{}, err
	}
	frame := make([]byte, frameSamples)
	for i := range frame {
		frame[i] = ulaw(int(humLevel * math.Sin(2*math.Pi*HumHz*float64(h.n%sampleRate)/sampleRate)))
		h.n++
	}
	return media.Sample{Data: frame, Duration: 20 * time.Millisecond}, nil
}

// ulaw encodes one 16-bit sample (ITU-T G.711).
func ulaw(v int) byte {
	const bias, clip = 0x84, 32635
	var sign byte
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, clip) + bias
	exponent := byte(7)
	for mask := 0x4000; v&mask == 0 && exponent > 0; mask >>= 1 {
		exponent--
	}
	return ^(sign | exponent<<4 | byte(v>>(exponent+3))&0x0f)
}
