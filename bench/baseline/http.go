package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const maxBody = 64 << 10

type server struct {
	config
	ctx   context.Context // of the calls: they outlive the requests that began them
	rooms *lksdk.RoomServiceClient
	sip   *lksdk.SIPClient
	crm   *http.Client

	mu    sync.Mutex
	calls map[string]*phoneCall
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/c2c/click2call", s.place)
	mux.HandleFunc("POST /api/c2c/calls/{id}/connect", s.connect)
	mux.HandleFunc("GET /api/c2c/calls/{id}", s.show)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
}

// place opens a room and begins the call's goroutine.
func (s *server) place(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Api-Key")), []byte(s.apiKey)) != 1 {
		http.Error(w, "wrong X-api-key", http.StatusUnauthorized)
		return
	}
	var req request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&req); err != nil || len(req.CustomerNumber) != 10 {
		http.Error(w, "give case_id, customer_number and agent_id", http.StatusBadRequest)
		return
	}
	id := strings.ToLower(rand.Text())
	c := &phoneCall{request: req, id: id, room: "room-" + id, connected: make(chan struct{}), record: record{CallID: id, Status: "created"}}
	if c.DID == "" {
		c.DID = s.did
	}
	if _, err := s.rooms.CreateRoom(r.Context(), &livekit.CreateRoomRequest{Name: c.room, EmptyTimeout: 180, DepartureTimeout: 80}); err != nil {
		http.Error(w, "LiveKit could not open the room", http.StatusServiceUnavailable)
		return
	}
	token, err := s.rooms.CreateToken().SetIdentity("agent").SetValidFor(10 * time.Minute).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: c.room}).ToJWT()
	if err != nil {
		http.Error(w, "no token", http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	s.calls[id] = c
	s.mu.Unlock()
	go s.live(c)
	answer(w, map[string]string{
		"call_id": id, "room": c.room, "ws_url": strings.Replace(s.liveKit, "http", "ws", 1), "token": token, "customer_number": c.CustomerNumber,
	})
}

func (s *server) connect(w http.ResponseWriter, r *http.Request) {
	if c := s.find(w, r); c != nil {
		c.once.Do(func() { close(c.connected) })
		answer(w, map[string]string{"status": "ringing"})
	}
}

func (s *server) show(w http.ResponseWriter, r *http.Request) {
	if c := s.find(w, r); c != nil {
		answer(w, c.read())
	}
}

func (s *server) find(w http.ResponseWriter, r *http.Request) *phoneCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[r.PathValue("id")]
	if c == nil {
		http.Error(w, "no such call", http.StatusNotFound)
	}
	return c
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
