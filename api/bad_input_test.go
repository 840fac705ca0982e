package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

// with returns the good body with one field changed; a nil value removes it.
func with(t *testing.T, field, raw string) string {
	t.Helper()
	var body map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(goodBody), &body))
	if raw == "" {
		delete(body, field)
	} else {
		body[field] = json.RawMessage(raw)
	}
	data, err := json.Marshal(body)
	require.NoError(t, err)
	return string(data)
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// TestEveryFieldWrong puts every field of /click2call wrong in every way, one at a time.
func TestEveryFieldWrong(t *testing.T) {
	t.Parallel()
	notAString := map[string]string{
		"number": "9530251797", "bool": "true", "list": `["x"]`, "object": `{"x":"y"}`,
	}
	notAText := map[string]string{
		"too long": quoted(strings.Repeat("x", 129)), "too long in characters": quoted(strings.Repeat("९", 129)),
		"CRLF": `"a\r\nX-api-key: stolen"`, "NUL": `"a\u0000b"`, "delete": `"a\u007fb"`, "C1 control": `"a\u0085b"`, "line separator": `"a\u2028b"`,
	}
	missing := map[string]string{"missing": "", "null": "null", "empty": `""`, "blank": `" \t "`}
	wrong := map[string][]map[string]string{
		"case_id":         {notAString, notAText, missing},
		"agent_id":        {notAString, notAText, missing},
		"customer_crm_id": {notAString, notAText},
		"did": {notAString, notAText, {
			"empty": `""`, "blank": `"  "`, "letters": `"anonymous"`, "short": `"12345"`, "long": `"+1234567890123456"`, "unicode digits": `"९५३०२५१७९७"`,
			"header injection": `"+919999999999\r\nFrom: x"`,
		}},
		"customer_number": {notAString, notAText, missing, {
			"nine": `"953025179"`, "eleven": `"95302517970"`, "plus": `"+919530251797"`, "spaces": `" 9530251797"`, "newline": `"9530251797\n"`,
			"Devanagari digits": `"९५३०२५१७९७"`, "full-width digits": `"９５３０２５１７９７"`, "letters": `"95302abcde"`, "SIP URI": `"sip:9530251797@evil"`,
			"prefix": `"779530251797"`,
		}},
	}
	for field, sets := range wrong {
		for _, set := range sets {
			for name, raw := range set {
				t.Run(field+" "+name, func(t *testing.T) {
					t.Parallel()
					b := newBench(t)
					b.place(with(t, field, raw)).isProblem(http.StatusBadRequest, "invalid_request").names(field)
					b.nothingStarted()
					require.NotContains(t, b.log.String(), "95302", "no number in the log")
				})
			}
		}
	}
}

// TestNullIsMissing: what may be missing may be null, and what must be given is said to be required.
func TestNullIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	bare := `{"case_id":"a","customer_number":"9530251797","agent_id":"g"}`
	id := call.ID(b.place(`{"case_id":"a","customer_number":"9530251797","agent_id":"g","customer_crm_id":null,"did":null}`, "Idempotency-Key", "k").ok().str("call_id"))
	require.Empty(t, b.store.calls[id].CustomerCRMID)
	require.Equal(t, "+911140000000", b.store.calls[id].DID, "the trunk's")
	again := b.place(bare, "Idempotency-Key", "k").ok()
	require.Equal(t, string(id), again.str("call_id"), "the same request to an Idempotency-Key")
	b.place(strings.Replace(bare, `"g"`, `"g","customer_crm_id":""`, 1), "Idempotency-Key", "k").isProblem(http.StatusConflict, "idempotency_conflict")

	a := b.place(`{"case_id":null,"customer_number":null,"agent_id":null}`).isProblem(http.StatusBadRequest, "invalid_request").names("case_id", "customer_number", "agent_id")
	for _, e := range a.problem.Errors {
		require.Equal(t, "is required", e.Message)
	}
	b.post("/api/c2c/calls/"+string(id)+"/status", `{"status":null}`).isProblem(http.StatusBadRequest, "invalid_request").names("status")
}

func TestTextAtItsLimit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	longest := strings.Repeat("९", 128) // characters, not bytes
	id := call.ID(b.place(with(t, "agent_id", quoted(longest))).ok().str("call_id"))
	require.Equal(t, longest, b.store.calls[id].AgentID)
	b.place(with(t, "customer_crm_id", `""`)).ok()
	b.place(with(t, "agent_id", `"sip-7 <\"quoted\"> \\ 🎧"`)).ok()
}

func TestAllWrongFieldsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.place(`{"agent_id":7,"customer_number":"12","trunk_id":"t","agen_number":"9","case_ID":"x"}`, "Idempotency-Key", "ü")
	a.isProblem(http.StatusBadRequest, "invalid_request").
		names("case_id", "customer_number", "agent_id", "trunk_id", "agen_number", "case_ID", "Idempotency-Key")
	for _, e := range a.problem.Errors {
		if e.Field == "trunk_id" || e.Field == "agen_number" {
			require.Contains(t, e.Message, "the service picks the trunk")
		}
	}
	b.nothingStarted()
}

func TestManyUnknownFields(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var body strings.Builder
	body.WriteString(`{"` + strings.Repeat("n", 5000) + `":1`)
	for i := range 3000 {
		fmt.Fprintf(&body, `,"f%d":1`, i)
	}
	a := b.place(body.String()+"}").isProblem(http.StatusBadRequest, "invalid_request")
	require.Len(t, a.problem.Errors, 50)
	require.Less(t, len(a.body), 8<<10)
	b.nothingStarted()
}

// TestBodiesThatAreNoObject covers every endpoint that reads JSON.
func TestBodiesThatAreNoObject(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"nothing": "", "null": "null", "list": "[]", "string": `"x"`, "number": "7", "half": `{"case_id":`, "XML": "<a/>",
		"trailing object": goodBody + goodBody, "trailing text": goodBody + "x", "trailing comma": `{"case_id":"a",}`,
		"duplicate": `{"case_id":"a","case_id":"b"}`, "duplicate by escape": `{"case_id":"a","\u0063ase_id":"b"}`, "nested duplicate": `{"x":{"a":1,"a":2}}`,
		"invalid UTF-8": "{\"agent_id\":\"a\xff\"}", "lone surrogate": `{"agent_id":"\ud800"}`, "comment": `{/**/}`, "form": "case_id=a",
		"deep": strings.Repeat(`{"a":`, 12_000) + "1" + strings.Repeat("}", 3),
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.place(body).isProblem(http.StatusBadRequest, "invalid_body")
			b.nothingStarted()

			id := b.open()
			b.post("/api/c2c/calls/"+string(id)+"/status", body).isProblem(http.StatusBadRequest, "invalid_body")
			require.Empty(t, b.workflows.sent())
			require.Empty(t, b.store.timeline(id))
		})
	}
	t.Run("the duplicate is named", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, newBench(t).place(bodies["duplicate"]).problem.Detail, "case_id")
	})
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	for contentType, ok := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "Application/JSON; charset=UTF-8": true, "application/json; charset=utf8": true, `application/json;charset="UTF8"`: true,
		"": false, "text/plain": false, "application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false,
		"application/json; charset=utf-16": false, "application/json;;": false, "application/jsonp": false,
	} {
		t.Run(contentType, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			a := b.do(http.MethodPost, "/api/c2c/click2call", goodBody, "X-api-key", goodKey, "Content-Type", contentType)
			if ok {
				a.ok()
				return
			}
			a.isProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
			b.nothingStarted()
			id := b.open()
			b.do(http.MethodPost, "/api/c2c/calls/"+string(id)+"/status", `{"status":"ANSWERED"}`, "Content-Type", contentType).
				isProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
			require.Empty(t, b.workflows.sent())
		})
	}
}

// TestByteOrderMark: some writers of UTF-8 put one before the body.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.do(http.MethodPost, "/api/c2c/click2call", "\ufeff"+goodBody, "X-api-key", goodKey, "Content-Type", "application/json").ok()
	b.do(http.MethodPost, "/api/c2c/click2call", "\ufeff\ufeff"+goodBody, "X-api-key", goodKey, "Content-Type", "application/json").
		isProblem(http.StatusBadRequest, "invalid_body")
}

// TestMegabyte sends 1 MB to every POST. Only /hangup takes it, and heeds none of it: nothing may keep a call from ending.
func TestMegabyte(t *testing.T) {
	t.Parallel()
	huge := `{"agent_id":"` + strings.Repeat("x", 1<<20) + `"}`
	b := newBench(t)
	b.place(huge).isProblem(http.StatusRequestEntityTooLarge, "body_too_large")
	b.do(http.MethodPost, "/webhooks/livekit", huge, "Authorization", "signed").isProblem(http.StatusRequestEntityTooLarge, "body_too_large")
	b.nothingStarted()

	path := "/api/c2c/calls/" + string(b.open())
	for _, verb := range []string{"/status", "/connect", "/token"} {
		b.post(path+verb, huge).isProblem(http.StatusRequestEntityTooLarge, "body_too_large")
	}
	require.Empty(t, b.workflows.sent())
	require.Equal(t, "ending", b.post(path+"/hangup", huge).ok().str("status"))
	require.Len(t, b.workflows.sent(), 1)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{
		"none": nil, "empty": {"X-api-key", ""}, "wrong": {"X-api-key", goodKey + "x"}, "prefix": {"X-api-key", goodKey[:5]},
		"huge": {"X-api-key", strings.Repeat("k", 300)}, "twice": {"X-api-key", goodKey, "X-api-key", goodKey}, "as a bearer": {"Authorization", "Bearer " + goodKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			headers := append([]string{"Content-Type", "application/json"}, headers...)
			b.do(http.MethodPost, "/api/c2c/click2call", goodBody, headers...).isProblem(http.StatusUnauthorized, "unauthorized")
			// The key is checked before anything else is looked at, and says nothing about the rest.
			b.do(http.MethodPost, "/api/c2c/click2call", "{", headers...).isProblem(http.StatusUnauthorized, "unauthorized")
			b.do(http.MethodGet, "/api/c2c/calls?limit=x", "", headers...).isProblem(http.StatusUnauthorized, "unauthorized")
			b.nothingStarted()
			require.NotContains(t, b.log.String(), goodKey[:8])
		})
	}
}

// TestUnknownCalls asks every endpoint for calls that are not there, or are no ids at all.
func TestUnknownCalls(t *testing.T) {
	t.Parallel()
	ids := map[string]string{
		"unknown": string(call.NewID()), "short": "c2c_ab12cd34", "upper case": "C2C_AAAAAAAAAAAAAAAAAAAAAAAAAA", "room name": call.NewID().Room(),
		"escape": "%2e%2e", "slash": "a%2Fb", "NUL": "%00", "percent": "%25zz", "long": strings.Repeat("a", 4000), "SQL": "'%20OR%201=1--", "newline": string(call.NewID()) + "%0a",
	}
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			path := "/api/c2c/calls/" + id
			codes := []string{"call_not_found"}
			if name == "slash" {
				codes = append(codes, "not_found") // then it is no path of ours
			}
			for _, a := range []*answer{
				b.do(http.MethodGet, path, ""), b.do(http.MethodPost, path+"/connect", ""), b.do(http.MethodPost, path+"/hangup", ""),
				b.do(http.MethodPost, path+"/token", ""), b.post(path+"/status", `{"status":"ANSWERED"}`), b.post(path+"/status", `{"status":"RINGING"}`),
			} {
				require.Equal(t, http.StatusNotFound, a.status, string(a.body))
				require.Contains(t, codes, a.problem.Code)
			}
			require.Empty(t, b.workflows.sent())
			require.Zero(t, b.livekit.looks)
		})
	}
}

func TestListParameters(t *testing.T) {
	t.Parallel()
	for query, fields := range map[string][]string{
		"limit=0": {"limit"}, "limit=201": {"limit"}, "limit=ten": {"limit"}, "limit=": {"limit"}, "limit=1e2": {"limit"},
		"call_status=answered": {"call_status"}, "call_status=": {"call_status"}, "case_id=": {"case_id"}, "case_id=a%00": {"case_id"}, "agent_id=%ff": {"agent_id"},
		"agent_id=" + strings.Repeat("a", 129): {"agent_id"}, "since=yesterday": {"since"}, "until=2026-10-01": {"until"}, "since=2026-10-01T00:00:00+05:30": {"since"},
		"cursor=": {"cursor"}, "cursor=" + strings.Repeat("c", 513): {"cursor"}, "case=1": {"case"}, "trunk=1&page=2": {"trunk", "page"},
		"limit=0&since=x&call_status=x": {"limit", "since", "call_status"}, "limit=1&limit=2": {"limit"}, "case_id=%zz": {"query"}, "a;b=c": {"query"},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.do(http.MethodGet, "/api/c2c/calls?"+query, "", "X-api-key", goodKey).isProblem(http.StatusBadRequest, "invalid_request").names(fields...)
			require.Empty(t, b.store.filters)
		})
	}
}
