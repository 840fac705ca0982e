package fakelivekit

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
)

// served are the methods that exist here.
var served = map[string]bool{"CreateRoom": true, "DeleteRoom": true, "ListRooms": true, "ListParticipants": true, "CreateSIPParticipant": true}

// Server is a running fake. Its methods may be called from any goroutine.
type Server struct {
	// Answer is how long a phone rings. Set it before the first dial.
	Answer time.Duration

	key, secret string
	web         *http.Server
	listener    net.Listener

	mu     sync.Mutex
	rooms  map[string]*room
	counts map[string]int
}

// Start serves on a free port of 127.0.0.1 until Close. key and secret are LiveKit's API key and secret.
func Start(ctx context.Context, key, secret string) (*Server, error) {
	s := &Server{key: key, secret: secret, rooms: map[string]*room{}, counts: map[string]int{}}
	var err error
	if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the fake LiveKit: %w", err)
	}
	mux := http.NewServeMux()
	rooms, sip := livekit.NewRoomServiceServer(roomService{s: s}), livekit.NewSIPServer(sipService{s: s})
	mux.Handle(rooms.PathPrefix(), rooms)
	mux.Handle(sip.PathPrefix(), sip)
	s.web = &http.Server{Handler: s.guard(mux), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.web.Serve(s.listener) }() // ends with Close, and says only that
	return s, nil
}

// Close drops every connection.
func (s *Server) Close() error { return s.web.Close() }

// URL is where it listens, http://.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Counts is how many requests came since the start, by method.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// guard counts, and refuses what is not signed and what does not exist here.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := path.Base(r.URL.Path)
		if !served[method] {
			http.Error(w, "the fake LiveKit has no "+method, http.StatusNotImplemented)
			return
		}
		token, err := auth.ParseAPIToken(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if err == nil && token.APIKey() == s.key {
			_, _, err = token.Verify(s.secret)
		}
		if err != nil || token.APIKey() != s.key {
			http.Error(w, "invalid authorization token", http.StatusUnauthorized)
			return
		}
		s.mu.Lock()
		s.counts[method]++
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}
