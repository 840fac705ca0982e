package carrier_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// ask sends a request to the books, checks the status, and reads the JSON reply into answer unless that is nil.
func ask(t *testing.T, c *carrier.Carrier, method, path string, status int, answer any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.HTTPURL()+path, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, status, res.StatusCode, path)
	if answer != nil {
		require.NoError(t, json.NewDecoder(res.Body).Decode(answer))
	}
}

func TestBooksOverHTTP(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	busy, talking := "0091"+carrier.Number("486", 0, 0), carrier.Number("200", 0, 0)
	p.refused(busy)
	l := p.mustDial(talking)
	id := url.PathEscape(l.InviteRequest.CallID().Value())
	waitFor(t, c, talking, up)

	var calls []carrier.Call
	ask(t, c, http.MethodGet, "/calls", 200, &calls)
	require.Len(t, calls, 2)
	require.Equal(t, busy, calls[0].Number)
	require.Equal(t, "test-phone", calls[0].From)
	require.WithinDuration(t, time.Now(), calls[1].AnsweredAt, patience)
	ask(t, c, http.MethodGet, "/calls?limit=1", 200, &calls)
	require.Len(t, calls, 1)
	require.Equal(t, talking, calls[0].Number)
	ask(t, c, http.MethodGet, "/lines", 200, &calls)
	require.Len(t, calls, 1)

	var book carrier.NumberBook
	for _, n := range []string{busy, busy[4:]} {
		ask(t, c, http.MethodGet, "/numbers/"+n, 200, &book)
		require.Equal(t, 1, book.Invites, n)
		require.Equal(t, 486, book.List[0].FinalCode, n)
	}
	ask(t, c, http.MethodGet, "/numbers/0092"+busy[4:], 200, &book)
	require.Zero(t, book.Calls, "another prefix is another number")

	var call carrier.Call
	ask(t, c, http.MethodPost, "/calls/"+id+"/hangup", 202, nil)
	p.awaitBye()
	ask(t, c, http.MethodGet, "/calls/"+id, 200, &call)
	require.Equal(t, carrier.StateDown, call.State)
	require.Equal(t, carrier.Callee, call.ByeBy)

	live := p.mustDial(carrier.Number("200", 0, 0))
	ask(t, c, http.MethodDelete, "/calls", 204, nil)
	ask(t, c, http.MethodGet, "/calls", 200, &calls)
	require.Len(t, calls, 1, "a line in use is not forgotten")
	require.Equal(t, live.InviteRequest.CallID().Value(), calls[0].ID)

	var lines map[string]int
	ask(t, c, http.MethodPost, "/hangup-all", 202, &lines)
	require.Equal(t, 1, lines["lines"])
	p.awaitBye()
	ask(t, c, http.MethodGet, "/lines", 200, &calls)
	require.Empty(t, calls)
}

func TestWrongRequestsToTheBooks(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/healthz", 200},
		{http.MethodGet, "/calls?limit=0", 400},
		{http.MethodGet, "/calls?limit=10001", 400},
		{http.MethodGet, "/lines?limit=many", 400},
		{http.MethodGet, "/calls/nobody", 404},
		{http.MethodPost, "/calls/nobody/hangup", 404},
		{http.MethodPost, "/calls/a%2Fb/hangup", 404},
		{http.MethodPut, "/calls", 405},
		{http.MethodGet, "/hangup-all", 405},
	} {
		var detail map[string]string
		var answer any
		if tt.status != 405 {
			answer = &detail
		}
		ask(t, c, tt.method, tt.path, tt.status, answer)
		if tt.status == 400 || tt.status == 404 {
			require.NotEmpty(t, detail["detail"])
		}
	}
}
