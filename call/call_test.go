package call_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	seen := map[call.ID]bool{}
	for range 1000 {
		id := call.NewID()
		require.Regexp(t, `^c2c_[a-z2-7]{26}$`, string(id))
		require.False(t, seen[id])
		seen[id] = true
		back, ok := call.IDFromRoom(id.Room())
		require.True(t, ok)
		require.Equal(t, id, back)
		require.True(t, strings.HasPrefix(id.CustomerIdentity(), "sip"))
	}
	require.False(t, strings.HasPrefix(call.AgentIdentity, "sip"))
	for _, bad := range []string{"", "c2c_", "c2c_ab12cd34", "C2C_" + strings.Repeat("a", 26), "c2c_" + strings.Repeat("a", 25) + "\n",
		"c2c_" + strings.Repeat("a", 27), "x2c_" + strings.Repeat("a", 26), "c2c_" + strings.Repeat("1", 26)} {
		_, ok := call.ParseID(bad)
		require.False(t, ok, "%q", bad)
	}
	_, ok := call.IDFromRoom("somebody-elses-room")
	require.False(t, ok)
}

func TestCustomerNumber(t *testing.T) {
	t.Parallel()
	require.NoError(t, call.CheckCustomerNumber("9530251797"))
	for _, bad := range []string{"", "953025179", "95302517970", "+9530251797", "95302 51797", "९५३०२५१७९७", "９５３０２５１７９７",
		"953025179a", "9530251797\n", "9530251797\x00", "' OR 1=1--"} {
		require.ErrorIs(t, call.CheckCustomerNumber(bad), call.ErrCustomerNumber, "%q", bad)
	}
}

func TestNormalizeDID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"9999999999": "+919999999999", "09999999999": "+919999999999", "919999999999": "+919999999999",
		"+919999999999": "+919999999999", "+91 99999-99999": "+919999999999", "+14155550100": "+14155550100",
	} {
		got, err := call.NormalizeDID(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "123", "abcdefghij", "+0123456789", "++919999999999", "+9199999999991234567", "९९९९९९९९९९"} {
		_, err := call.NormalizeDID(bad)
		require.ErrorIs(t, err, call.ErrDID, "%q", bad)
	}
}

func TestDialedString(t *testing.T) {
	t.Parallel()
	got, err := call.DialedString("0091", "9530251797")
	require.NoError(t, err)
	require.Equal(t, "00919530251797", got)
	_, err = call.DialedString("9@evil", "9530251797")
	require.ErrorIs(t, err, call.ErrPrefix)
	_, err = call.DialedString("", "953")
	require.ErrorIs(t, err, call.ErrCustomerNumber)
}

func TestMask(t *testing.T) {
	t.Parallel()
	require.Equal(t, "95302•••97", call.Mask("9530251797"))
	require.Equal(t, "•••", call.Mask("123"))
}

func TestKnobs(t *testing.T) {
	t.Parallel()
	k := call.DefaultKnobs()
	require.NoError(t, k.Validate())
	require.Equal(t, time.Second, k.WatchInterval())
	k.AnswerDetection = call.DetectionWebhook
	require.Equal(t, 10*time.Second, k.WatchInterval())
	k.RingTimeout = 76 * time.Second
	require.ErrorContains(t, k.Validate(), "ring_timeout is 1m16s, it must be between 5s and 1m15s")
}

// TestPayloadTellsThreeDigits: a receiver that parses times with a fixed layout must not fail once in a thousand calls.
func TestPayloadTellsThreeDigits(t *testing.T) {
	t.Parallel()
	for nanos, told := range map[int]string{0: ".000", 100_000_000: ".100", 123_456_789: ".123", 999_999_999: ".999"} {
		at := time.Date(2026, 11, 2, 14, 30, 12, nanos, time.FixedZone("IST", 19_800))
		got, err := call.NewPayload(call.Call{ID: call.NewID(), CreatedAt: at}, call.Outcome{AnsweredAt: &at, EndedAt: at})
		require.NoError(t, err)
		for _, field := range []string{"created_at", "answered_at", "ended_at"} {
			require.Contains(t, string(got), `"`+field+`":"2026-11-02T09:00:12`+told+`Z"`)
		}
	}
}

// TestToldReadsStoredBodies: bodies that were stored by earlier versions have none to six digits.
func TestToldReadsStoredBodies(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-11-02T09:00:12Z", "2026-11-02T09:00:12.1Z", "2026-11-02T09:00:12.123456Z"} {
		var p call.Payload
		require.NoError(t, json.Unmarshal([]byte(`{"ended_at":"`+text+`"}`), &p))
		want, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		require.Equal(t, want, time.Time(p.EndedAt))
	}
	var p call.Payload
	require.Error(t, json.Unmarshal([]byte(`{"ended_at":"yesterday"}`), &p))
}

// TestPayloadIsGolden fails when the webhook's bytes change: CRMs depend on them.
func TestPayloadIsGolden(t *testing.T) {
	t.Parallel()
	id := call.ID("c2c_abcdefghijklmnopqrstuvwxyz")
	c := call.Call{ID: id, CaseID: "abc123", CustomerCRMID: "cust-99", AgentID: "agent-42", CustomerNumber: "9530251797",
		DID: "+919999999999", CreatedAt: connected}
	for name, o := range map[string]call.Outcome{
		"answered": {CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, SIPCode: sip(200), DurationSeconds: 90,
			RingSeconds: 12, HangupBy: call.PartyCustomer, AnsweredAt: &answered, EndedAt: after(90.5)},
		"never_connected": {CallStatus: call.Failed, Reason: call.ReasonNeverConnected, HangupBy: call.PartySystem, EndedAt: after(0)},
	} {
		got, err := call.NewPayload(c, o)
		require.NoError(t, err)
		want, err := os.ReadFile("testdata/payload_" + name + ".json")
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(string(want)), string(got))
		require.True(t, json.Valid(got))
	}
}
