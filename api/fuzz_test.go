package api_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzClick2Call: whatever the body, the answer conforms to the contract, and a call is opened only from fields that keep
// the rules.
func FuzzClick2Call(f *testing.F) {
	for _, seed := range []string{
		goodBody, `{}`, `null`, `{"did":"09999999999"}`, `{"case_id":"a","case_id":"b"}`, `{"customer_number":"९५३०२५१७९७"}`,
		strings.Replace(goodBody, "agent-42", `a\r\nb`, 1), strings.Replace(goodBody, "agent-42", "a\xff", 1), goodBody + "{}", `[` + goodBody + `]`,
	} {
		f.Add(seed, "")
		f.Add(seed, "key")
	}
	f.Fuzz(func(t *testing.T, body, key string) {
		b := newBench(t)
		headers := []string{}
		if key != "" {
			headers = append(headers, "Idempotency-Key", key)
		}
		a := b.place(body, headers...)
		if a.status != http.StatusOK {
			require.GreaterOrEqual(t, a.status, 400)
			require.Less(t, a.status, 500, string(a.body))
			b.nothingStarted()
			return
		}
		for _, id := range b.store.rows() {
			c := b.store.calls[id]
			require.Regexp(t, `^[0-9]{10}$`, c.CustomerNumber)
			require.Regexp(t, `^\+[1-9][0-9]{6,14}$`, c.DID)
			for _, text := range []string{c.CaseID, c.AgentID, c.CustomerCRMID} {
				require.True(t, utf8.ValidString(text))
				require.LessOrEqual(t, utf8.RuneCountInString(text), 128)
				require.False(t, strings.ContainsFunc(text, unicode.IsControl))
			}
		}
	})
}

// FuzzStatus: whatever the body, only the exact word ANSWERED reaches the call, and nothing breaks.
func FuzzStatus(f *testing.F) {
	for _, seed := range []string{
		`{"status":"ANSWERED"}`, `{"status":"answered"}`, `{"status":"\u0041NSWERED"}`, `{"status":"x","status":"ANSWERED"}`, `{"status":null}`, ``, `{"status":"9530251797"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		b := newBench(t)
		id := b.open()
		a := b.report(id, body)
		switch {
		case a.status == http.StatusOK:
			require.Equal(t, 1, len(b.workflows.sent())+len(b.store.timeline(id)), "it is either reported or kept")
		default:
			require.Contains(t, []int{400, 413}, a.status)
			require.Empty(t, b.workflows.sent())
			require.Empty(t, b.store.timeline(id))
		}
		require.NotContains(t, b.log.String(), number)
	})
}
