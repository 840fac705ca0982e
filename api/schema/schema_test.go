package schema_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/schema"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/webhook/trial"
)

// compiled is the schema with formats asserted, as strict as a receiver may be.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Outcome()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("outcome.v1.json", doc))
	s, err := c.Compile("outcome.v1.json")
	require.NoError(t, err)
	require.Equal(t, 2020, s.DraftVersion)
	return s
}

func validate(s *jsonschema.Schema, body []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return s.Validate(value)
}

// golden are the payloads that package call's tests compare byte for byte.
func golden(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../call/testdata/payload_*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	bodies := map[string][]byte{}
	for _, file := range files {
		bodies[filepath.Base(file)], err = os.ReadFile(file)
		require.NoError(t, err)
	}
	return bodies
}

func TestGoldenPayloads(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	for name, body := range golden(t) {
		require.NoError(t, validate(s, body), name)
	}
}

// TestFields compares the schema with what call.Payload renders: the same fields, all of them always there.
func TestFields(t *testing.T) {
	t.Parallel()
	var rendered map[string]any
	body, err := json.Marshal(call.Payload{})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &rendered))
	var doc struct {
		Required   []string
		Properties map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(schema.Outcome(), &doc))
	require.ElementsMatch(t, slices.Collect(maps.Keys(rendered)), slices.Collect(maps.Keys(doc.Properties)))
	require.ElementsMatch(t, slices.Collect(maps.Keys(rendered)), doc.Required)
	require.Contains(t, string(doc.Properties["schema_version"]), strconv.Quote(call.SchemaVersion))
}

// TestWords compares the schema's words with the constants of package call, read from its source, so that a new one cannot
// be forgotten.
func TestWords(t *testing.T) {
	t.Parallel()
	var doc struct {
		Properties map[string]struct{ Enum []string }
	}
	require.NoError(t, json.Unmarshal(schema.Outcome(), &doc))
	for field, kind := range map[string]string{"call_status": "CallStatus", "disconnect_reason": "Reason", "hangup_by": "Party"} {
		require.ElementsMatch(t, constants(t, "../../call/outcome.go", kind), doc.Properties[field].Enum, field)
	}
}

// constants are the values of a file's constants of a type.
func constants(t *testing.T, file, kind string) (values []string) {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	ast.Inspect(source, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || fmt.Sprint(spec.Type) != kind {
			return true
		}
		for _, v := range spec.Values {
			if text, ok := v.(*ast.BasicLit); ok {
				value, err := strconv.Unquote(text.Value)
				require.NoError(t, err)
				values = append(values, value)
			}
		}
		return true
	})
	require.NotEmpty(t, values, kind)
	return values
}

// TestWrongPayloads changes one thing in a good payload at a time.
func TestWrongPayloads(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	good := golden(t)["payload_answered.json"]
	changed := func(change map[string]any) []byte {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(good, &fields))
		for name, v := range change {
			if fields[name] = v; v == missing {
				delete(fields, name)
			}
		}
		body, err := json.Marshal(fields)
		require.NoError(t, err)
		return body
	}
	require.NoError(t, validate(s, changed(map[string]any{"a_later_field": map[string]any{"x": 1}})), "fields may be added")
	busy := map[string]any{"call_status": "NOT_ANSWERED", "disconnect_reason": "busy", "sip_disconnect_code": 486, "duration_seconds": 0, "answered_at": nil}
	require.NoError(t, validate(s, changed(busy)))
	with := func(name string, v any) map[string]any {
		changed := maps.Clone(busy)
		changed[name] = v
		return changed
	}
	wrong := map[string]map[string]any{
		"an unknown reason":               {"disconnect_reason": "tired"},
		"an unknown status":               {"call_status": "BUSY"},
		"a reason of another status":      {"disconnect_reason": "busy"},
		"a status of another reason":      with("call_status", "FAILED"),
		"a code of another reason":        with("sip_disconnect_code", 603),
		"no code where there must be":     with("sip_disconnect_code", nil),
		"talk without an answer":          with("duration_seconds", 3),
		"an answer without an answer":     with("answered_at", "2026-11-02T09:00:12Z"),
		"answered and no moment":          {"answered_at": nil},
		"answered with another code":      {"sip_disconnect_code": 486},
		"a code as text":                  {"sip_disconnect_code": "200"},
		"a duration with a fraction":      {"duration_seconds": 1.5},
		"a negative duration":             {"duration_seconds": -1},
		"the dialed string":               {"phone_to": "00919530251797"},
		"a caller ID that is not E.164":   {"phone_from": "09999999999"},
		"a local time":                    {"ended_at": "2026-11-02T14:31:42+05:30"},
		"a moment that is none":           {"ended_at": "2026-13-02T09:01:42Z"},
		"an event id of another kind":     {"event_id": "dlv_abcdefghijklmnopqrstuvwxyz"},
		"another version":                 {"schema_version": "2"},
		"an empty case":                   {"case_id": ""},
		"a party that nobody knows":       {"hangup_by": "carrier"},
		"a code though nobody was dialed": {"call_status": "FAILED", "disconnect_reason": "never_connected", "sip_disconnect_code": 503, "duration_seconds": 0, "answered_at": nil},
	}
	for name, change := range wrong {
		require.Error(t, validate(s, changed(change)), name)
	}
	var fields map[string]any
	require.NoError(t, json.Unmarshal(good, &fields))
	for name := range fields {
		require.Error(t, validate(s, changed(map[string]any{name: missing})), "without %s", name)
	}
	require.Error(t, validate(s, []byte(`[]`)))
}

const missing = "(missing)"

// TestAnyEvidence throws any evidence at the classifier: what becomes of it conforms to the schema.
func TestAnyEvidence(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	begin := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	seen := map[call.Reason]bool{}
	for range 8_000 {
		c := call.Call{ID: call.NewID(), CaseID: "c", AgentID: "a", CustomerNumber: "9530251797", DID: "+919999999999", CreatedAt: begin}
		o := call.Classify(anyEvidence(r, begin))
		body, err := call.NewPayload(c, o)
		require.NoError(t, err)
		require.NoError(t, validate(s, body), "seed %d: %s", seed, body)
		seen[o.Reason] = true
	}
	require.Len(t, seen, len(constants(t, "../../call/outcome.go", "Reason")), "every reason was met")
}

func anyEvidence(r *rand.Rand, begin time.Time) call.Evidence {
	moment := func() time.Time { return begin.Add(time.Duration(r.IntN(60_000)) * 10 * time.Millisecond) }
	maybe := func() *time.Time {
		if at := moment(); r.IntN(3) == 0 {
			return &at
		}
		return nil
	}
	legs := []call.LegStatus{call.LegUnknown, call.LegDialing, call.LegRinging, call.LegActive, call.LegHangup, call.LegGone, call.LegNoRoom}
	leaves := []call.LeaveReason{call.LeaveUnknown, call.LeaveOrdinary, call.LeaveRejected, call.LeaveUnavailable, call.LeaveTrunk,
		call.LeaveMedia, call.LeaveLost, call.LeaveRemoved}
	dials := []call.DialState{call.DialNone, call.DialAnswered, call.DialRefused, call.DialRangOut, call.DialNoReply, call.DialCancelled,
		call.DialNotSent, call.DialNoAgent, call.DialNoLine, call.DialNotPermitted, call.DialUnknown}
	e := call.Evidence{
		ConnectedAt: maybe(), Report: maybe(), AgentLostAt: maybe(), MaxedOutAt: maybe(), ClosedAt: moment(), LegAtHangUp: legs[r.IntN(len(legs))],
	}
	if e.ConnectedAt != nil {
		e.Dial = call.Dial{State: dials[r.IntN(len(dials))], StartedAt: moment(), EndedAt: moment(), LastStatus: legs[r.IntN(len(legs))],
			Source: []call.Source{call.SourceDial, call.SourceRoom}[r.IntN(2)]}
		if e.Dial.State == call.DialRefused {
			e.Dial.SIPCode = []int{0, 300 + r.IntN(400), 404, 408, 486, 487, 603}[r.IntN(7)] // any one, and those that have reasons of their own
		}
	}
	if at := maybe(); at != nil {
		e.HangUp = &call.Request{At: *at, Source: []call.Source{call.SourceBrowser, call.SourceOperator}[r.IntN(2)]}
	}
	if at := maybe(); at != nil {
		e.Left = &call.LegLeft{At: *at, Reason: leaves[r.IntN(len(leaves))], Status: legs[r.IntN(len(legs))]}
	}
	return e
}

// recorder takes every webhook and keeps the bodies.
type recorder struct{ bodies [][]byte }

func (s *recorder) Send(_ context.Context, r webhook.Request) webhook.Result {
	s.bodies = append(s.bodies, r.Body)
	return webhook.Result{Status: 204}
}

// TestTrialsConform looks at what the test bench sends: a receiver that checks the schema must not refuse it for its body.
func TestTrialsConform(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	to := webhook.Request{APIKey: "key", Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}
	tried := map[string]bool{}
	for _, tr := range trial.All(to) {
		if tr.Name == "duplicate-at-once" { // the same body as duplicate's, and recorder is not for concurrent use
			continue
		}
		sent := &recorder{}
		_, err := trial.Run(t.Context(), sent, to, tr.Name)
		require.NoError(t, err)
		require.NotEmpty(t, sent.bodies)
		for _, body := range sent.bodies {
			require.NoError(t, validate(s, body), "%s: %s", tr.Name, body)
			require.Contains(t, string(body), `"event_id":"evt_test_`)
		}
		tried[tr.Name] = true
	}
	for _, reason := range constants(t, "../../call/outcome.go", "Reason") {
		require.True(t, tried["outcome-"+reason], "no trial sends %s", reason)
	}
}
