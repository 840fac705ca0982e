package carrier

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
)

const (
	frameTime = 20 * time.Millisecond
	maxPacket = 1500
)

// media is one call's RTP: a socket of its own, a tone out, ears in.
type media struct {
	conn    *net.UDPConn
	offer   offer
	hearing *hearing
	touched func() // there is news: half a second of sound, or a digit

	sent    atomic.Int64
	heardAt atomic.Int64 // Unix nanoseconds of the last packet, or of the beginning
	done    chan struct{}
	stop    sync.Once
	muted   atomic.Bool
	running sync.WaitGroup
}

// openMedia binds a port and begins to listen. It sends nothing before speak.
func openMedia(o offer, ip net.IP, ports portRange, touched func()) (*media, error) {
	conn, err := ports.listen(ip)
	if err != nil {
		return nil, err
	}
	m := &media{conn: conn, offer: o, hearing: newHearing(o.event), touched: touched, done: make(chan struct{})}
	m.heardAt.Store(time.Now().UnixNano())
	m.running.Go(m.hear)
	return m, nil
}

func (m *media) local() *net.UDPAddr { return m.conn.LocalAddr().(*net.UDPAddr) }

// speak begins the tone; it ends with close, and pauses while the line is muted.
func (m *media) speak(frames [][]byte) {
	m.running.Go(func() { m.send(frames) })
}

func (m *media) send(frames [][]byte) {
	tick := time.NewTicker(frameTime)
	defer tick.Stop()
	p := rtp.Packet{Header: rtp.Header{
		Version: 2, PayloadType: pcmu, Marker: true,
		SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(), SSRC: rand.Uint32(),
	}}
	for i := 0; ; i++ {
		p.Payload = frames[i%len(frames)]
		raw, err := p.Marshal()
		if err != nil {
			return // a header of constants: cannot happen, and there would be no sound to send
		}
		if !m.muted.Load() {
			// A refused packet is one that nobody heard; the far end may come back, and BYE is what ends a call.
			if _, err := m.conn.WriteToUDP(raw, m.offer.addr); err == nil {
				m.sent.Add(1)
			}
		}
		p.SequenceNumber++
		p.Timestamp += frameSamples
		p.Marker = false
		select {
		case <-tick.C:
		case <-m.done:
			return
		}
	}
}

func (m *media) hear() {
	buf := make([]byte, maxPacket)
	for {
		n, _, err := m.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		var p rtp.Packet
		if err != nil || n < 12 || p.Unmarshal(buf[:n]) != nil || p.Version != 2 {
			continue
		}
		at := time.Now()
		m.heardAt.Store(at.UnixNano())
		if m.hearing.packet(&p, at.UTC()) {
			m.touched()
		}
	}
}

// silentFor is how long nothing was heard.
func (m *media) silentFor() time.Duration { return time.Since(time.Unix(0, m.heardAt.Load())) }

// mute stops the tone, or lets it go on; it keeps listening.
func (m *media) mute(on bool) { m.muted.Store(on) }

// measured returns what was sent and heard; it may be called after close.
func (m *media) measured() Media {
	up := true
	select {
	case <-m.done:
		up = false
	default:
	}
	all := m.hearing.measured(up)
	all.PacketsSent = int(m.sent.Load())
	return all
}

// close frees the port and waits for both directions to end. It is idempotent.
func (m *media) close() {
	m.stop.Do(func() {
		close(m.done)
		_ = m.conn.Close() // nothing is lost: RTP has no last word
	})
	m.running.Wait()
}

// portRange is where RTP ports come from; the zero range lets the system choose.
type portRange struct{ min, max int }

func (r portRange) listen(ip net.IP) (*net.UDPConn, error) {
	if r.max == 0 {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip})
		if err != nil {
			return nil, fmt.Errorf("open RTP port: %w", err)
		}
		return conn, nil
	}
	// RTP takes even ports (RFC 3550 section 11). A random start spares a port that was just closed late packets.
	pairs := (r.max-r.min)/2 + 1
	start := rand.IntN(pairs)
	var last error
	for i := range pairs {
		port := r.min + (start+i)%pairs*2
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: port})
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, fmt.Errorf("open RTP port between %d and %d: all %d are taken; widen the range: %w", r.min, r.max, pairs, last)
}
