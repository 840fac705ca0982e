package trial

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/click2call/click2call/call"
)

// Marks by which a receiver can tell a trial from a customer's call. The id of a trial's event begins with
// "evt_test_", and that of its call with "c2c_test_".
const (
	idPrefix = "c2c_test_"
	// TestID is the case, agent and customer of every trial.
	TestID = "click2call-test"
	// TestNumber is nobody's: no Indian subscriber number begins with 0.
	TestNumber = "0000000000"
	testDID    = "+910000000000"
)

// kind is an outcome of each kind, as the contract's table has them.
type kind struct {
	status call.CallStatus
	reason call.Reason
	sip    int // 0: null
	by     call.Party
	ring   time.Duration
	talk   time.Duration
}

const (
	ring = 9400 * time.Millisecond
	talk = 42600 * time.Millisecond
)

// kinds has one outcome for each disconnect_reason.
var kinds = []kind{
	{call.Answered, call.ReasonCustomerHangup, 200, call.PartyCustomer, ring, talk},
	{call.Answered, call.ReasonAgentHangup, 200, call.PartyAgent, ring, talk},
	{call.Answered, call.ReasonAgentLost, 200, call.PartySystem, ring, talk},
	{call.Answered, call.ReasonMaxDuration, 200, call.PartySystem, ring, 2 * time.Hour},
	{call.Answered, call.ReasonMediaTimeout, 200, call.PartySystem, ring, talk},
	{call.Answered, call.ReasonConnectionLost, 200, call.PartySystem, ring, talk},
	{call.NotAnswered, call.ReasonBusy, 486, call.PartyCustomer, ring, 0},
	{call.NotAnswered, call.ReasonDeclined, 603, call.PartyCustomer, ring, 0},
	{call.NotAnswered, call.ReasonNoAnswer, 408, call.PartySystem, 45 * time.Second, 0},
	{call.NotAnswered, call.ReasonAgentCancelled, 487, call.PartyAgent, ring, 0},
	{call.Failed, call.ReasonInvalidNumber, 404, call.PartySystem, 0, 0},
	{call.Failed, call.ReasonTrunkRejected, 403, call.PartySystem, 0, 0},
	{call.Failed, call.ReasonTrunkUnavailable, 503, call.PartySystem, 0, 0},
	{call.Failed, call.ReasonTrunkCapacity, 0, call.PartySystem, 0, 0},
	{call.Failed, call.ReasonNeverConnected, 0, call.PartySystem, 0, 0},
	{call.Failed, call.ReasonCancelledBeforeDial, 0, call.PartyAgent, 0, 0},
	{call.Failed, call.ReasonLiveKitUnavailable, 0, call.PartySystem, 0, 0},
	{call.Failed, call.ReasonDialStateUnknown, 0, call.PartySystem, 0, 0},
}

// outcome is an outcome of this kind that ended at a moment.
func (k kind) outcome(ended time.Time) call.Outcome {
	o := call.Outcome{CallStatus: k.status, Reason: k.reason, HangupBy: k.by, EndedAt: ended,
		DurationSeconds: int(k.talk / time.Second), RingSeconds: int(k.ring / time.Second)}
	if k.sip != 0 {
		o.SIPCode = &k.sip
	}
	if k.status == call.Answered {
		at := ended.Add(-k.talk)
		o.AnsweredAt = &at
	}
	return o
}

// sample is a fresh outcome of this kind, that ended just now: its event id, and the bytes of its webhook.
func (k kind) sample(now time.Time) (eventID string, body []byte, err error) {
	id := call.ID(idPrefix + strings.ToLower(rand.Text()))
	body, err = call.NewPayload(call.Call{
		ID: id, CaseID: TestID, CustomerCRMID: TestID, AgentID: TestID, CustomerNumber: TestNumber, DID: testDID,
		CreatedAt: now.Add(-k.talk - k.ring - 2*time.Second),
	}, k.outcome(now))
	if err != nil {
		return "", nil, fmt.Errorf("render a test outcome: %w", err)
	}
	return id.EventID(), body, nil
}
