package demo_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/demo"
)

func ptr[T any](v T) *T { return &v }

func webhook(status string, seconds int) crm.Request {
	body := fmt.Sprintf(`{"call_status":%q,"disconnect_reason":"customer_hangup","sip_disconnect_code":200,"duration_seconds":%d}`,
		status, seconds)
	return crm.Request{Verified: true, Status: 200, Body: []byte(body)}
}

// right is a call with nothing wrong.
func right() demo.Result {
	answered := time.Date(2026, 11, 23, 10, 0, 2, 0, time.UTC)
	ended := answered.Add(4100 * time.Millisecond)
	return demo.Result{
		Placed: agent.Response{CallID: "c2c_one", Room: "c2c-one"},
		Record: demo.Record{
			CallID: "c2c_one", Status: "ended", CallStatus: ptr("ANSWERED"), DisconnectReason: ptr("customer_hangup"),
			SIPCode: ptr(200), DurationSeconds: 4, CreatedAt: answered.Add(-3 * time.Second), AnsweredAt: &answered, EndedAt: &ended,
		},
		Webhooks: []crm.Request{webhook("ANSWERED", 4)},
		Line: carrier.Call{
			AnsweredAt: answered, ByeAt: ended, ByeBy: carrier.Callee,
			Media: carrier.Media{PeakHz: agent.HumHz + 2, PeakRMS: 5000},
		},
		Invites: 1,
		Heard:   agent.Heard{Hz: 438, RMS: 3000, Packets: 100},
	}
}

func TestARightCallHasNothingWrong(t *testing.T) {
	t.Parallel()
	require.Empty(t, demo.Check(right()))
}

func TestWholeSecondsAreRoundedDown(t *testing.T) {
	t.Parallel()
	r := right()
	*r.Record.EndedAt = r.Record.AnsweredAt.Add(3990 * time.Millisecond)
	r.Line.ByeAt = r.Line.AnsweredAt.Add(4025 * time.Millisecond)
	r.Record.DurationSeconds, r.Webhooks[0] = 3, webhook("ANSWERED", 3)
	require.Empty(t, demo.Check(r))
}

func TestEachMistakeIsNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*demo.Result)
		says  string
	}{
		{"no webhook", func(r *demo.Result) { r.Webhooks = nil }, "received 0 webhooks"},
		{"two webhooks", func(r *demo.Result) { r.Webhooks = append(r.Webhooks, r.Webhooks[0]) }, "received 2 webhooks"},
		{"forged", func(r *demo.Result) { r.Webhooks[0].Verified, r.Webhooks[0].Unverified = false, "wrong X-api-key" }, "wrong X-api-key"},
		{"the webhook says otherwise", func(r *demo.Result) { r.Webhooks[0] = webhook("FAILED", 4) }, "the webhook says"},
		{"not over", func(r *demo.Result) { r.Record.Status = "answered" }, `status is "answered"`},
		{"no outcome", func(r *demo.Result) { r.Record.CallStatus = nil }, "the outcome is /customer_hangup/200"},
		{"another reason", func(r *demo.Result) { r.Record.DisconnectReason = ptr("agent_hangup") }, "agent_hangup/200"},
		{"another code", func(r *demo.Result) { r.Record.SIPCode = ptr(487) }, "customer_hangup/487"},
		{"too long", func(r *demo.Result) { r.Line.ByeAt = r.Line.ByeAt.Add(-1200 * time.Millisecond) }, "4.1s for the product and 2.9s"},
		{"too short", func(r *demo.Result) { r.Line.ByeAt = r.Line.ByeAt.Add(1100 * time.Millisecond) }, "4.1s for the product and 5.2s"},
		{"miscounted", func(r *demo.Result) { r.Record.DurationSeconds, r.Webhooks[0] = 5, webhook("ANSWERED", 5) }, "duration_seconds is 5"},
		{"the agent hears the ringing tone", func(r *demo.Result) { r.Heard.Hz = 425 }, "the agent heard 425 Hz"},
		{"the agent hears a whisper", func(r *demo.Result) { r.Heard.RMS = 30 }, "the agent heard"},
		{"the carrier hears nothing", func(r *demo.Result) { r.Line.Media = carrier.Media{} }, "the carrier heard 0 Hz"},
		{"dialed twice", func(r *demo.Result) { r.Invites = 2 }, "2 INVITEs"},
		{"we hung up", func(r *demo.Result) { r.Line.ByeBy = carrier.Caller }, "instead of the customer's BYE"},
		{"room left", func(r *demo.Result) { r.RoomLeft = true }, "still has the room"},
		{"line left", func(r *demo.Result) { r.LineUsed = true }, "still in use"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := right()
			tt.spoil(&r)
			wrong := demo.Check(r)
			require.NotEmpty(t, wrong)
			require.Contains(t, fmt.Sprint(wrong), tt.says)
			var out bytes.Buffer
			demo.PrintVerdict(&out, wrong)
			require.Contains(t, out.String(), tt.says)
		})
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	demo.Print(&out, right())
	require.Contains(t, out.String(), "signature verified")
	require.Contains(t, out.String(), "answered      +3.000 s")
	require.Contains(t, out.String(), "connected       never")
	require.Contains(t, out.String(), "ANSWERED, customer_hangup, SIP 200, 4 s of talk")
}
