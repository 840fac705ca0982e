package carrier

import "math"

const (
	sampleRate   = 8000
	frameSamples = 160 // 20 ms
	toneHz       = 440
	toneLevel    = 8000 // peak, about -12 dBov

	// windowSamples is half a second: long enough to tell tones 2 Hz apart, short enough to see a mute quickly.
	windowSamples = 4000

	lowestHz, highestHz = 100, 3600
	silenceRMS          = 8
)

// toneFrames is the 440 Hz tone as PCMU frames. Five frames hold whole periods (44), so that they repeat without a click.
func toneFrames() [][]byte {
	frames := make([][]byte, 5)
	for i := range frames {
		frames[i] = make([]byte, frameSamples)
		for j := range frames[i] {
			t := float64(i*frameSamples+j) / sampleRate
			frames[i][j] = ulawEncode(int16(toneLevel * math.Sin(2*math.Pi*toneHz*t)))
		}
	}
	return frames
}

// strongest returns the strongest frequency in samples, in Hz: a coarse look at the first tenth of a second in steps of
// 20 Hz, then a fine one at all of it in steps of 1 Hz.
func strongest(samples []int16) float64 {
	coarse := samples[:min(len(samples), sampleRate/10)]
	near := peakBetween(coarse, lowestHz, highestHz, 20)
	return peakBetween(samples, near-20, near+20, 1)
}

func peakBetween(samples []int16, from, to, step float64) float64 {
	best, at := -1.0, from
	for f := from; f <= to; f += step {
		if p := goertzel(samples, f); p > best {
			best, at = p, f
		}
	}
	return at
}

// goertzel is the power of samples at hz (Goertzel 1958), under a Hann window so that a loud neighbour does not leak in.
func goertzel(samples []int16, hz float64) float64 {
	n := len(samples)
	coefficient := 2 * math.Cos(2*math.Pi*hz/sampleRate)
	// The window's cosine comes from the same recurrence: a call to math.Cos for each sample would cost ten times as much.
	turn := 2 * math.Cos(2*math.Pi/float64(n))
	hann, before := 1.0, math.Cos(2*math.Pi/float64(n))
	var s1, s2 float64
	for _, x := range samples {
		s0 := float64(x)*(1-hann)/2 + coefficient*s1 - s2
		s2, s1 = s1, s0
		hann, before = turn*hann-before, hann
	}
	return s1*s1 + s2*s2 - coefficient*s1*s2
}
