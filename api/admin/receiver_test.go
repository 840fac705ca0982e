package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// link makes a receiver's link to an endpoint.
func (b *bench) link(endpointID string) (store.ReceiverLink, string) {
	b.t.Helper()
	link, token, err := b.store.AddReceiverLink(b.t.Context(), endpointID, "Asha", "ada", time.Hour)
	require.NoError(b.t, err)
	return link, token
}

func (w *browser) withToken(token string) *browser {
	w.token = token
	return w
}

func linkPath(suffix bool) func(*bench) string {
	return func(b *bench) string {
		e := b.endpoint(nowhere)
		path := "/endpoints/" + e.ID + "/receiver-links"
		if suffix {
			link, _ := b.link(e.ID)
			path += "/" + link.ID
		}
		return path
	}
}

// A receiver's link opens its own operations, and none of the others: every operation of the contract is tried with its token.
func TestReceiverLinkOpensNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e := b.endpoint(nowhere)
	_, token := b.link(e.ID)
	own := 0
	for path, item := range b.contract.doc.Paths.Map() {
		for method, op := range item.Operations() {
			on := b
			if op.OperationID == "addEndpoint" {
				on = newBench(t)
			}
			s := tries()[op.OperationID]
			var body any
			if s.body != nil {
				body = s.body(on)
			}
			where := s.path(on)
			before := len(on.audited())
			got := on.browser("198.51.100.7").withToken(token).do(method, where, body)
			switch op.Extensions["x-role"] {
			case "public":
			case "receiver":
				own++
				require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, got.status, op.OperationID)
			default:
				got.isProblem(http.StatusUnauthorized, "no_session")
				require.Len(t, on.audited(), before, "%s %s was done", method, path)
			}
		}
	}
	require.Equal(t, 7, own)
}

// What a link shows and does is its endpoint's alone.
func TestReceiverSeesOneEndpoint(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.endpoint(nowhere)
	event := strings.TrimPrefix(deliveryPath(b), "/deliveries/")
	d, err := b.store.Delivery(t.Context(), event)
	require.NoError(t, err)
	_, token := b.link(d.EndpointID)
	mine := b.browser("198.51.100.7").withToken(token)
	got := mine.get("/receiver").is(http.StatusOK)
	require.Contains(t, string(got.body), d.EndpointID)
	require.Contains(t, string(mine.get("/receiver/deliveries").is(http.StatusOK).body), event)
	shown := string(mine.get("/receiver/deliveries/" + event).is(http.StatusOK).body)
	require.Contains(t, shown, "masked_body")
	require.NotContains(t, shown, number)

	require.NoError(t, b.store.SaveEndpoint(t.Context(), store.Endpoint{ID: "ep_other", URL: nowhere, Secrets: []store.SigningSecret{store.NewSigningSecret()}, State: store.EndpointActive}))
	_, token = b.link("ep_other")
	other := b.browser("198.51.100.7").withToken(token)
	require.NotContains(t, string(other.get("/receiver/deliveries").is(http.StatusOK).body), event)
	other.get("/receiver/deliveries/"+event).isProblem(http.StatusNotFound, "not_found")
	other.do(http.MethodPost, "/receiver/deliveries/"+event+"/resend", nil).isProblem(http.StatusNotFound, "not_found")

	mine.do(http.MethodPost, "/receiver/deliveries/"+event+"/resend", nil).is(http.StatusAccepted)
	require.Contains(t, b.audited()[0], "receiver: Asha replay_begun ")
	mine.do(http.MethodPost, "/receiver/secrets", map[string]int{"overlap_seconds": 0}).isProblem(http.StatusBadRequest, "invalid_request")
	mine.do(http.MethodPost, "/receiver/secrets", map[string]int{"overlap_seconds": 3600}).is(http.StatusCreated)
	left, err := b.store.Endpoint(t.Context(), "ep_other")
	require.NoError(t, err)
	require.Len(t, left.Secrets, 1, "another endpoint's secrets stay")
}

func TestReceiverLinkEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e := b.endpoint(nowhere)
	link, token := b.link(e.ID)
	mine := b.browser("198.51.100.7").withToken(token)
	mine.get("/receiver").is(http.StatusOK)
	for _, wrong := range []string{"x", "rcv_", token[:len(token)-1], token + "x"} {
		b.browser("198.51.100.7").withToken(wrong).get("/receiver").isProblem(http.StatusUnauthorized, "no_session")
	}
	admin := b.as(store.RoleAdmin)
	admin.do(http.MethodDelete, fmt.Sprintf("/endpoints/%s/receiver-links/%s", e.ID, link.ID), nil).is(http.StatusNoContent)
	mine.get("/receiver").isProblem(http.StatusUnauthorized, "no_session")
}

func TestReceiverIsLimited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, token := b.link(b.endpoint(nowhere).ID)
	mine, refused := b.browser("198.51.100.7").withToken(token), 0
	for range 100 {
		got := mine.do(http.MethodPost, "/receiver/trials/none", nil)
		if got.status == http.StatusTooManyRequests {
			require.NotEmpty(t, got.header.Get("Retry-After"))
			refused++
		}
	}
	require.Positive(t, refused)
	mine.get("/receiver").is(http.StatusOK)
}

// The token is shown once, and is nowhere else: neither in the log of requests, nor in the audit log.
func TestReceiverTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e, admin := b.endpoint(nowhere), b.as(store.RoleAdmin)
	path := "/endpoints/" + e.ID + "/receiver-links"
	admin.do(http.MethodPost, path, map[string]any{"name": "Asha", "days": 91}).isProblem(http.StatusBadRequest, "invalid_request")
	admin.do(http.MethodPost, "/endpoints/ep_none/receiver-links", map[string]any{"name": "Asha", "days": 7}).isProblem(http.StatusNotFound, "not_found")
	made := admin.do(http.MethodPost, path, map[string]any{"name": "Asha", "days": 7}).is(http.StatusCreated)
	token := made.str("token")
	b.browser("198.51.100.7").withToken(token).get("/receiver").is(http.StatusOK)
	require.NotContains(t, string(admin.get(path).is(http.StatusOK).body), token)
	require.NotContains(t, b.log.String(), token)
	require.NotContains(t, string(admin.get("/audit").is(http.StatusOK).body), token)
}
