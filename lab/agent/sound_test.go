package agent

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

// unlaw decodes G.711 µ-law, by the book and apart from the encoder under test.
func unlaw(b byte) float64 {
	b = ^b
	v := float64(int(b&0x0f)<<3+0x84)*math.Pow(2, float64(b>>4&7)) - 0x84
	if b&0x80 != 0 {
		return -v
	}
	return v
}

func TestUlawKeepsTheSample(t *testing.T) {
	t.Parallel()
	for v := -32768; v <= 32767; v += 7 {
		// A step of the companding is a sixteenth of the value, clipped at 32635.
		require.InDelta(t, v, unlaw(ulaw(v)), 140+math.Abs(float64(v))/30, "sample %d", v)
	}
	require.Equal(t, byte(0xff), ulaw(0))
	require.Equal(t, byte(0x80), ulaw(32767))
	require.Equal(t, byte(0x00), ulaw(-32768))
}

func TestHumHumsInStep(t *testing.T) {
	t.Parallel()
	var samples []float64
	for h := new(hum); len(samples) < windowSamples; {
		s, err := h.NextSample(t.Context())
		require.NoError(t, err)
		require.Len(t, s.Data, frameSamples)
		require.Equal(t, 20*time.Millisecond, s.Duration)
		for _, b := range s.Data {
			samples = append(samples, unlaw(b))
		}
	}
	require.InDelta(t, HumHz, strongest(samples), stepHz)
}

func tone(hz float64, level float64, samples int) []int16 {
	out := make([]int16, samples)
	for i := range out {
		out[i] = int16(level * math.Sin(2*math.Pi*hz*float64(i)/sampleRate))
	}
	return out
}

func TestEarTellsTones(t *testing.T) {
	t.Parallel()
	for _, hz := range []float64{425, 440, 1000} {
		e := newEar()
		pcm := tone(hz, 8000, 2*windowSamples)
		for i := 0; i+frameSamples <= len(pcm); i += frameSamples {
			e.packet(&rtp.Packet{Payload: make([]byte, 60)}, pcm[i:i+frameSamples], true, time.Now())
		}
		h := e.heard()
		require.InDelta(t, hz, h.Hz, stepHz)
		require.InDelta(t, 8000/math.Sqrt2, h.RMS, 50)
		require.InDelta(t, h.RMS, h.PeakRMS, 50)
		require.Equal(t, 2*windowSamples/frameSamples, h.Packets)
		require.Equal(t, 60*h.Packets, h.Bytes)
		require.Zero(t, h.Undecoded)
	}
}

func TestEarHearsSilence(t *testing.T) {
	t.Parallel()
	e := newEar()
	require.Equal(t, Heard{}, e.heard())
	e.packet(&rtp.Packet{Payload: []byte{1}}, tone(440, 8000, windowSamples), true, time.Now())
	e.packet(&rtp.Packet{Payload: []byte{1}}, make([]int16, windowSamples), true, time.Now())
	require.Zero(t, e.heard().Hz)
	require.Less(t, e.heard().RMS, silence)
	e.packet(&rtp.Packet{Payload: []byte{1}}, tone(440, 8000, windowSamples), true, time.Now().Add(-2*recent))
	require.Zero(t, e.heard().RMS, "what came long ago is not heard now")
	e.packet(&rtp.Packet{Payload: []byte{1}}, nil, false, time.Now())
	require.Equal(t, 1, e.heard().Undecoded)
}
