package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	pollEvery   = time.Second
	connectIn   = 2 * time.Minute
	ringFor     = 45 * time.Second
	longestCall = 2 * time.Hour
	requestIn   = 5 * time.Second
	firstLooks  = 3 // in which a leg that is not there yet may still come
)

// request is what the CRM posts.
type request struct {
	CaseID         string `json:"case_id"`
	CustomerNumber string `json:"customer_number"`
	CustomerCRMID  string `json:"customer_crm_id"`
	AgentID        string `json:"agent_id"`
	DID            string `json:"did"`
}

// record is what GET /calls/{id} shows.
type record struct {
	CallID     string     `json:"call_id"`
	Status     string     `json:"status"`
	CallStatus string     `json:"call_status,omitempty"`
	Duration   int        `json:"duration_seconds"`
	AnsweredAt *time.Time `json:"answered_at"`
	EndedAt    *time.Time `json:"ended_at"`
}

type phoneCall struct {
	request
	id, room  string
	connected chan struct{}
	once      sync.Once

	mu sync.Mutex
	record
}

func (c *phoneCall) read() record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.record
}

func (c *phoneCall) change(f func(*record)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.record)
}

// live is the whole call: wait for /connect, dial, look once a second, tell the CRM.
func (s *server) live(c *phoneCall) {
	select {
	case <-c.connected:
		if err := s.dial(c); err != nil {
			log.Printf("call %s: dial: %v", c.id, err)
		} else {
			s.watch(c)
		}
	case <-time.After(connectIn):
	case <-s.ctx.Done():
		return
	}
	ended := time.Now().UTC()
	c.change(func(r *record) {
		r.Status, r.CallStatus, r.EndedAt = "ended", "NOT_ANSWERED", &ended
		if r.AnsweredAt != nil {
			r.CallStatus, r.Duration = "ANSWERED", int(ended.Sub(*r.AnsweredAt).Seconds())
		}
	})
	if err := s.tell(c); err != nil {
		log.Printf("call %s: webhook: %v", c.id, err)
	}
	ctx, cancel := context.WithTimeout(s.ctx, requestIn)
	defer cancel()
	if _, err := s.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: c.room}); err != nil {
		log.Printf("call %s: delete room: %v", c.id, err)
	}
}

func (s *server) dial(c *phoneCall) error {
	ctx, cancel := context.WithTimeout(s.ctx, 2*requestIn)
	defer cancel()
	_, err := s.sip.CreateSIPParticipant(ctx, &livekit.CreateSIPParticipantRequest{
		SipTrunkId: s.trunk, SipCallTo: s.prefix + c.CustomerNumber, SipNumber: c.DID, RoomName: c.room,
		ParticipantIdentity: "sip-" + c.id, RingingTimeout: durationpb.New(ringFor),
		PlayDialtone: true, //nolint:staticcheck // livekit-sip v1.8.0 knows no other
	})
	if err == nil {
		c.change(func(r *record) { r.Status = "ringing" })
	}
	return err
}

// watch looks into the room once a second until the customer's leg is gone.
func (s *server) watch(c *phoneCall) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for seen, looks := false, 1; looks <= int(longestCall/pollEvery); looks++ {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		status, err := s.look(c)
		seen = seen || err == nil && status != gone
		switch {
		case err != nil:
			log.Printf("call %s: look: %v", c.id, err)
		case status == gone && !seen && looks < firstLooks: // it is on its way into the room
		case status == gone || status == "hangup":
			return
		case status == "active":
			now := time.Now().UTC()
			c.change(func(r *record) {
				if r.AnsweredAt == nil {
					r.Status, r.AnsweredAt = "answered", &now
				}
			})
		}
	}
}

const gone = "gone"

// look returns the leg's sip.callStatus, or gone.
func (s *server) look(c *phoneCall) (string, error) {
	ctx, cancel := context.WithTimeout(s.ctx, requestIn)
	defer cancel()
	list, err := s.rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: c.room})
	if err != nil {
		return "", err
	}
	for _, p := range list.GetParticipants() {
		if p.GetIdentity() == "sip-"+c.id {
			return p.GetAttributes()[livekit.AttrSIPCallStatus], nil
		}
	}
	return gone, nil
}

// tell posts the outcome to the CRM, once.
func (s *server) tell(c *phoneCall) error {
	r := c.read()
	body, err := json.Marshal(map[string]any{
		"call_id": c.id, "case_id": c.CaseID, "customer_crm_id": c.CustomerCRMID, "agent_id": c.AgentID,
		"phone_to": c.CustomerNumber, "phone_from": c.DID, "call_status": r.CallStatus, "duration_seconds": r.Duration,
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.webhook, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.crm.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the CRM answered %s", resp.Status)
	}
	return nil
}
