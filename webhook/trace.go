package webhook

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// stopwatch measures the parts of an attempt. net/http may go on to connect, and to report it, after the attempt has
// ended: whatever is told after tell is lost on purpose.
type stopwatch struct {
	started time.Time

	mu                      sync.Mutex
	dns, connect, handshake time.Time
	measured                Result
}

func (w *stopwatch) note(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// trace is what net/http reports to. With more than one address tried, the last one counts.
func (w *stopwatch) trace() *httptrace.ClientTrace {
	m := &w.measured
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { w.note(func() { w.dns = time.Now() }) },
		DNSDone:  func(httptrace.DNSDoneInfo) { w.note(func() { m.DNS = time.Since(w.dns) }) },
		ConnectStart: func(_, addr string) {
			w.note(func() { w.connect, m.RemoteAddr = time.Now(), addr })
		},
		ConnectDone: func(_, addr string, err error) {
			w.note(func() {
				m.Connect = time.Since(w.connect)
				if err == nil {
					m.RemoteAddr = addr
				}
			})
		},
		GotConn: func(i httptrace.GotConnInfo) {
			w.note(func() { m.RemoteAddr = i.Conn.RemoteAddr().String() })
		},
		TLSHandshakeStart:    func() { w.note(func() { w.handshake = time.Now() }) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.note(func() { m.TLS = time.Since(w.handshake) }) },
		GotFirstResponseByte: func() { w.note(func() { m.FirstByte = time.Since(w.started) }) },
	}
}

// tell writes what was measured into the result.
func (w *stopwatch) tell(res *Result) {
	w.note(func() {
		m := w.measured
		res.RemoteAddr, res.DNS, res.Connect, res.TLS, res.FirstByte = m.RemoteAddr, m.DNS, m.Connect, m.TLS, m.FirstByte
	})
}
