package carrier

import (
	"math"
	"sync"
	"time"

	"github.com/pion/rtp"
)

const (
	maxDTMF = 64
	// staleAfter is how long the last window counts as recent.
	staleAfter = time.Second
)

// hearing measures one stream of RTP.
type hearing struct {
	event int // payload type of telephone events, -1 when there are none

	mu       sync.Mutex
	m        Media
	total    float64 // of squares
	samples  int
	fill     []int16 // the window that is being filled
	last     []int16 // the last full one
	lastHz   float64 // of last; -1 until somebody asks
	seq      uint16
	begun    bool
	lastDTMF uint32 // RTP timestamp of the last event: one event comes in several packets
	dtmf     bool
}

func newHearing(event int) *hearing {
	return &hearing{event: event, fill: make([]int16, 0, windowSamples), lastHz: -1}
}

// packet takes one RTP packet and reports whether there is news: a full window or a digit.
func (h *hearing) packet(p *rtp.Packet, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sequence(p.SequenceNumber)
	switch int(p.PayloadType) {
	case pcmu:
		return h.audio(p.Payload, now)
	case h.event:
		return h.digit(p)
	default:
		return false
	}
}

// sequence counts gaps. A packet that comes late was counted as lost before; loopback does not reorder.
func (h *hearing) sequence(seq uint16) {
	if gap := seq - h.seq - 1; h.begun && gap > 0 && gap < 1000 {
		h.m.PacketsLost += int(gap)
	}
	h.seq, h.begun = seq, true
}

func (h *hearing) audio(payload []byte, now time.Time) (full bool) {
	if h.m.PacketsReceived == 0 {
		h.m.FirstPacketAt = now
	}
	h.m.PacketsReceived++
	h.m.LastPacketAt = now
	for _, b := range payload {
		v := ulawDecode(b)
		h.total += float64(v) * float64(v)
		h.fill = append(h.fill, v)
		if len(h.fill) == windowSamples {
			h.window()
			full = true
		}
	}
	h.samples += len(payload)
	return full
}

func (h *hearing) window() {
	h.last, h.fill = h.fill, h.last[:0]
	if cap(h.fill) == 0 {
		h.fill = make([]int16, 0, windowSamples)
	}
	h.m.RecentRMS, h.lastHz = rms(h.last), -1
	// Two per cent more, or a steady tone would be looked at again in every window.
	if h.m.RecentRMS > h.m.PeakRMS*1.02 {
		h.m.PeakRMS, h.m.PeakHz = h.m.RecentRMS, h.recentHz()
	}
}

func (h *hearing) recentHz() float64 {
	if h.m.RecentRMS < silenceRMS {
		return 0
	}
	if h.lastHz < 0 {
		h.lastHz = strongest(h.last)
	}
	return h.lastHz
}

// digit notes a telephone event once: all packets of one event carry the timestamp of its beginning (RFC 4733 section 2.5.1.2).
func (h *hearing) digit(p *rtp.Packet) (fresh bool) {
	const digits = "0123456789*#ABCD"
	if len(p.Payload) < 4 || int(p.Payload[0]) >= len(digits) || h.dtmf && p.Timestamp == h.lastDTMF {
		return false
	}
	h.dtmf, h.lastDTMF = true, p.Timestamp
	if len(h.m.DTMF) < maxDTMF {
		h.m.DTMF += string(digits[p.Payload[0]])
	}
	return true
}

// measured returns the numbers so far. While the call is up, a window older than staleAfter is no longer recent.
func (h *hearing) measured(up bool) Media {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.m
	m.RecentHz = h.recentHz()
	if h.samples > 0 {
		m.RMS = math.Sqrt(h.total / float64(h.samples))
	}
	if up && time.Since(m.LastPacketAt) > staleAfter {
		m.RecentRMS, m.RecentHz = 0, 0
	}
	return m
}

func rms(samples []int16) float64 {
	var sum float64
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(samples)))
}
