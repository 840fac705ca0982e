package sse

import (
	"net/http"
	"time"
)

// Deadline is how long a client may take to read an event.
const Deadline = 10 * time.Second

// Stream is an answer that goes on. Use one from one goroutine.
type Stream struct {
	w          http.ResponseWriter
	controller *http.ResponseController
}

// Start begins an answer of 200; false when the client is gone. The server's limits are meant for short requests: from here on
// [Deadline] holds for each event, and the client need not send anything.
func Start(w http.ResponseWriter) (Stream, bool) {
	s := Stream{w: w, controller: http.NewResponseController(w)}
	_ = s.controller.SetReadDeadline(time.Time{}) // a writer without deadlines needs none
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	return s, s.Send(": hello\n\n")
}

// Send reports whether the client still reads. text is whole events, or comments.
func (s Stream) Send(text string) bool {
	_ = s.controller.SetWriteDeadline(time.Now().Add(Deadline)) // a writer without deadlines needs none
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.controller.Flush() == nil
}
