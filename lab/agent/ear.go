package agent

import (
	"math"
	"sync"
	"time"

	"github.com/pion/opus"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	windowSamples       = sampleRate / 2 // half a second, long enough to tell 425 from 440 Hz
	maxFrame            = sampleRate * 120 / 1000
	lowestHz, highestHz = 100, 3600
	stepHz              = 2
	silence             = 20.0
	recent              = time.Second
)

// Heard is what the agent heard from the customer's track. Levels are RMS of 16-bit samples.
type Heard struct {
	Packets   int
	Bytes     int     // of payload
	Undecoded int     // packets that the decoder did not take
	RMS       float64 // of the last half second, 0 when nothing came for a second
	Hz        float64 // the strongest tone in the last half second, 0 for silence
	PeakRMS   float64 // of the loudest half second
	LastAt    time.Time
}

// ear decodes one Opus track and measures it.
type ear struct {
	mu     sync.Mutex
	h      Heard
	window []float64 // of the last half second
	energy float64   // of window
}

func newEar() *ear { return &ear{} }

// listen returns when the track ends.
func (e *ear) listen(track *webrtc.TrackRemote) {
	decoder, err := opus.NewDecoderWithOutput(sampleRate, 1)
	if err != nil {
		return // cannot be: the rate is one of Opus's own
	}
	pcm := make([]int16, maxFrame)
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if len(p.Payload) == 0 {
			continue // padding
		}
		n, err := decoder.DecodeToInt16(p.Payload, pcm)
		e.packet(p, pcm[:max(n, 0)], err == nil, time.Now())
	}
}

func (e *ear) packet(p *rtp.Packet, pcm []int16, decoded bool, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.h.Packets++
	e.h.Bytes += len(p.Payload)
	e.h.LastAt = now
	if !decoded {
		e.h.Undecoded++
		return
	}
	for _, v := range pcm {
		e.window = append(e.window, float64(v))
		e.energy += float64(v) * float64(v)
	}
	if over := len(e.window) - windowSamples; over > 0 {
		for _, v := range e.window[:over] {
			e.energy -= v * v
		}
		e.window = append(e.window[:0], e.window[over:]...)
		e.h.PeakRMS = max(e.h.PeakRMS, e.rms())
	}
}

func (e *ear) rms() float64 {
	if len(e.window) == 0 {
		return 0
	}
	return math.Sqrt(max(e.energy, 0) / float64(len(e.window)))
}

func (e *ear) heard() Heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := e.h
	if time.Since(h.LastAt) > recent {
		return h
	}
	h.RMS = e.rms()
	if h.RMS > silence {
		h.Hz = strongest(e.window)
	}
	return h
}

// strongest returns the frequency with the most energy, by Goertzel's algorithm at each step.
func strongest(samples []float64) float64 {
	var best, bestPower float64
	for hz := float64(lowestHz); hz <= highestHz; hz += stepHz {
		c := 2 * math.Cos(2*math.Pi*hz/sampleRate)
		var s1, s2 float64
		for _, v := range samples {
			s1, s2 = v+c*s1-s2, s1
		}
		if power := s1*s1 + s2*s2 - c*s1*s2; power > bestPower {
			best, bestPower = hz, power
		}
	}
	return best
}
