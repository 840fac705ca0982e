package crm

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Mode is a way to answer badly.
type Mode string

// The modes.
const (
	ModeAnswer Mode = ""      // Status, in one piece
	ModeHang   Mode = "hang"  // never answer; hold the connection until the sender gives up
	ModeDrip   Mode = "drip"  // the status at once, then the body one byte every DelayMS, for ever
	ModeClose  Mode = "close" // the connection is cut in the middle of the response
	ModeReset  Mode = "reset" // the connection is cut before any response
)

const (
	maxDelay    = 10 * time.Minute
	maxBodySize = 128 << 20
)

// Behaviour says how the CRM treats requests. The zero Behaviour is a good receiver: 200 for what verifies,
// 401 for the rest.
type Behaviour struct {
	Times      int    `json:"times,omitempty"`       // for the next so many requests, then good again; 0: until told otherwise
	Status     int    `json:"status,omitempty"`      // 0: as a good receiver
	DelayMS    int    `json:"delay_ms,omitempty"`    // before the answer; with drip between bytes
	RetryAfter string `json:"retry_after,omitempty"` // the header: seconds, or an HTTP date
	Location   string `json:"location,omitempty"`    // the header, for redirects
	BodySize   int    `json:"body_size,omitempty"`   // bytes of body to send back; 0: a small document
	Mode       Mode   `json:"mode,omitempty"`
}

// Behave sets how the next requests are treated. The error names what is wrong.
func (c *CRM) Behave(b Behaviour) error {
	if err := b.validate(); err != nil {
		return fmt.Errorf("set the CRM's behaviour: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.behaviour, c.left = b, b.Times
	return nil
}

func (b Behaviour) validate() error {
	switch b.Mode {
	case ModeAnswer, ModeHang, ModeDrip, ModeClose, ModeReset:
	default:
		return fmt.Errorf("mode %q is none of hang, drip, close, reset", b.Mode)
	}
	switch {
	case b.Status != 0 && (b.Status < 200 || b.Status > 599):
		return fmt.Errorf("status is %d, it must be between 200 and 599", b.Status)
	case b.Times < 0:
		return errors.New("times is negative")
	case b.DelayMS < 0 || b.delay() > maxDelay:
		return fmt.Errorf("delay_ms must be between 0 and %d", maxDelay.Milliseconds())
	case b.BodySize < 0 || b.BodySize > maxBodySize:
		return fmt.Errorf("body_size must be between 0 and %d", maxBodySize)
	}
	return nil
}

func (b Behaviour) delay() time.Duration { return time.Duration(b.DelayMS) * time.Millisecond }

// answers is the status that the sender gets, 0 when it gets no whole answer.
func (b Behaviour) answers(verified bool) int {
	switch {
	case b.Mode != ModeAnswer:
		return 0
	case b.Status != 0:
		return b.Status
	case !verified:
		return http.StatusUnauthorized
	default:
		return http.StatusOK
	}
}

// play answers a request as told.
func (b Behaviour) play(w http.ResponseWriter, r *http.Request, verified bool) {
	if b.Mode == ModeReset {
		panic(http.ErrAbortHandler) // net/http's way to cut a connection
	}
	if b.Mode == ModeHang {
		<-r.Context().Done()
		return
	}
	if b.Mode == ModeDrip {
		b.drip(w, r)
		return
	}
	if !pause(r, b.delay()) {
		return
	}
	if b.RetryAfter != "" {
		w.Header().Set("Retry-After", b.RetryAfter)
	}
	if b.Location != "" {
		w.Header().Set("Location", b.Location)
	}
	if b.Mode == ModeClose {
		b.cut(w)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(b.answers(verified))
	if b.BodySize == 0 {
		_, _ = w.Write([]byte(`{"received":true}`))
		return
	}
	filler := make([]byte, 4096)
	for sent := 0; sent < b.BodySize; sent += len(filler) {
		if _, err := w.Write(filler[:min(len(filler), b.BodySize-sent)]); err != nil {
			return
		}
	}
}

func (b Behaviour) drip(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(b.statusOr(http.StatusOK))
	for flusher := http.NewResponseController(w); pause(r, b.delay()); {
		if _, err := w.Write([]byte(".")); err != nil {
			return
		}
		if err := flusher.Flush(); err != nil {
			return
		}
	}
}

// cut promises a body, sends the beginning of it and drops the connection.
func (b Behaviour) cut(w http.ResponseWriter) {
	w.Header().Set("Content-Length", strconv.Itoa(1000))
	w.WriteHeader(b.statusOr(http.StatusOK))
	_, _ = w.Write([]byte(`{"rec`))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (b Behaviour) statusOr(fallback int) int {
	if b.Status != 0 {
		return b.Status
	}
	return fallback
}

// pause waits, and reports false when the sender gave up meanwhile.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
