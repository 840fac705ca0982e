package carrier

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The vectors are the segment ends of ITU-T G.711 table 2a, scaled to 16 bits.
func TestUlawVectors(t *testing.T) {
	t.Parallel()
	for code, want := range map[byte]int16{
		0xff: 0, 0xfe: 8, 0xf0: 120, 0xef: 132, 0xe0: 372, 0xd0: 876, 0xc0: 1884, 0xb0: 3900, 0xa0: 7932, 0x90: 15996, 0x80: 32124,
		0x7f: 0, 0x7e: -8, 0x00: -32124,
	} {
		require.Equal(t, want, ulawDecode(code), "%#x", code)
	}
	for b := range 256 {
		if b != 0x7f { // negative zero comes back as zero
			require.Equal(t, byte(b), ulawEncode(ulawDecode(byte(b))))
		}
	}
	require.Equal(t, byte(0x80), ulawEncode(math.MaxInt16))
	require.Equal(t, byte(0x00), ulawEncode(math.MinInt16))
}

func TestStrongestFrequency(t *testing.T) {
	t.Parallel()
	for _, hz := range []float64{120, 440, 697, 1000, 1477, 3400} {
		samples := make([]int16, windowSamples)
		for i := range samples {
			at := 2 * math.Pi * float64(i) / sampleRate
			samples[i] = int16(6000*math.Sin(hz*at) + 2000*math.Sin((hz+173)*at))
		}
		require.InDelta(t, hz, strongest(samples), 2)
		require.InDelta(t, math.Sqrt((6000*6000+2000*2000)/2), rms(samples), 50)
	}
}
