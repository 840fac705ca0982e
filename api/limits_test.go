package api_test

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
)

// What limits.go promises.
const (
	addressBurst   = 600
	wrongKeysBurst = 10
)

// limitedTo starts the api again with other limits.
func (b *bench) limitedTo(l api.Limits) {
	deps := b.deps()
	deps.Limits = l
	b.handler = api.New(deps)
}

// from sends a request from an address.
func (b *bench) from(address, method, path string, headers ...string) *answer {
	b.t.Helper()
	r := request(method, path, `{"status":"ANSWERED"}`, headers...)
	if strings.HasSuffix(path, "/status") {
		r.Header.Set("Content-Type", "application/json")
	}
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(address), 4711).String()
	return b.serve(r)
}

// behindProxies starts the api again with proxies whose X-Forwarded-For it believes.
func (b *bench) behindProxies(networks ...string) {
	deps := b.deps()
	for _, n := range networks {
		deps.TrustedProxies.Networks = append(deps.TrustedProxies.Networks, netip.MustParsePrefix(n))
	}
	b.handler = api.New(deps)
}

func unknown(verb string) string { return "/api/c2c/calls/" + string(call.NewID()) + verb }

// TestAddressIsLimited floods with ids that nobody has, over every route that a call id opens.
func TestAddressIsLimited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	mine := "/api/c2c/calls/" + string(b.open())
	routes := []struct{ method, verb string }{
		{http.MethodPost, "/hangup"}, {http.MethodPost, "/connect"}, {http.MethodPost, "/status"}, {http.MethodPost, "/token"}, {http.MethodGet, ""},
	}
	for i := range addressBurst {
		route := routes[i%len(routes)]
		b.from("203.0.113.5", route.method, unknown(route.verb)).isProblem(http.StatusNotFound, "call_not_found")
	}
	asked := len(b.workflows.asked)
	for _, route := range routes {
		a := b.from("203.0.113.5", route.method, unknown(route.verb)).isProblem(http.StatusTooManyRequests, "rate_limited")
		require.Equal(t, "1", a.header.Get("Retry-After"))
	}
	require.Len(t, b.workflows.asked, asked, "no signal")

	b.from("203.0.113.6", http.MethodPost, unknown("/hangup")).isProblem(http.StatusNotFound, "call_not_found")
	b.from("203.0.113.6", http.MethodGet, mine).ok()
	b.from("203.0.113.5", http.MethodPost, mine+"/status").ok() // a call that was found before
	b.place(goodBody).ok()
	b.from("203.0.113.5", http.MethodGet, "/api/c2c/calls", "X-api-key", goodKey).ok()
	b.from("203.0.113.5", http.MethodPost, "/webhooks/livekit", "Authorization", "signed").ok()
	b.from("203.0.113.5", http.MethodGet, "/healthz").ok()

	b.clock.forward(time.Second)
	b.from("203.0.113.5", http.MethodPost, mine+"/hangup").ok()
}

// An office stands behind one address: what its pages ask about calls that are there is never too much for the address.
func TestOneOfficeIsNotLimited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.limitedTo(api.Limits{Strangers: 1})
	for range 100 { // agents
		id := string(b.open())
		for range 5 {
			b.from("203.0.113.5", http.MethodGet, "/api/c2c/calls/"+id).ok()
		}
		b.from("203.0.113.5", http.MethodPost, "/api/c2c/calls/"+id+"/connect").ok()
		b.from("203.0.113.5", http.MethodPost, "/api/c2c/calls/"+id+"/hangup").ok()
	}
	for range 2 { // a page with an old id makes the others no strangers
		b.from("203.0.113.5", http.MethodGet, unknown("")).isProblem(http.StatusNotFound, "call_not_found")
	}
	b.from("203.0.113.5", http.MethodGet, unknown("")).isProblem(http.StatusTooManyRequests, "rate_limited")
	id := b.place(goodBody).ok().str("call_id")
	b.from("203.0.113.5", http.MethodPost, "/api/c2c/calls/"+id+"/connect").ok()
}

// However one kind of request floods a call, the others are answered: above all, a phone that rings can be hung up.
func TestAFloodOfOneKindKeepsNothingElse(t *testing.T) {
	t.Parallel()
	kinds := []struct{ method, verb string }{
		{http.MethodGet, ""}, {http.MethodPost, "/token"}, {http.MethodPost, "/connect"}, {http.MethodPost, "/status"}, {http.MethodPost, "/hold"},
		{http.MethodPost, "/hangup"},
	}
	for _, flood := range kinds {
		t.Run(flood.method+flood.verb, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.limitedTo(api.Limits{Call: 5, Report: 1})
			b.livekit.leg = call.LegActive
			path := "/api/c2c/calls/" + string(b.talking())
			ask := func(method, verb string) *answer { return b.from("203.0.113.5", method, path+verb) }
			for range 10 {
				ask(flood.method, flood.verb).ok()
			}
			require.Equal(t, "1", ask(flood.method, flood.verb).isProblem(http.StatusTooManyRequests, "rate_limited").header.Get("Retry-After"))
			for _, other := range kinds {
				if other != flood {
					ask(other.method, other.verb).ok()
				}
			}
			b.clock.forward(time.Second)
			ask(flood.method, flood.verb).ok()
		})
	}
}

func TestAddressOfALimit(t *testing.T) {
	t.Parallel()
	flood := func(b *bench, from string, headers ...string) {
		for range addressBurst {
			b.from(from, http.MethodPost, unknown("/hangup"), headers...).isProblem(http.StatusNotFound, "call_not_found")
		}
	}
	for name, tc := range map[string]struct {
		flooder, forwarded string
		other, otherSays   string
		limited            bool
	}{
		"X-Forwarded-For of a stranger changes nothing":     {"203.0.113.5", "198.51.100.1", "203.0.113.5", "198.51.100.2", true},
		"nor does it shut somebody else out":                {"203.0.113.5", "198.51.100.1", "198.51.100.1", "", false},
		"each client of a proxy of ours has its own":        {"192.0.2.1", "198.51.100.1", "192.0.2.1", "198.51.100.2", false},
		"whichever of our proxies it comes through":         {"192.0.2.1", "198.51.100.1", "192.0.2.2", "198.51.100.1", true},
		"and whatever it says to the proxy":                 {"192.0.2.1", "1.2.3.4, 198.51.100.1", "192.0.2.1", "5.6.7.8, 198.51.100.1", true},
		"an IPv6 subnet is one":                             {"2001:db8:7:8::1", "", "2001:db8:7:8:ffff::2", "", true},
		"the next one is another":                           {"2001:db8:7:8::1", "", "2001:db8:7:9::1", "", false},
		"an IPv6 subnet is one behind a proxy of ours, too": {"192.0.2.1", "2001:db8:7:8::1", "192.0.2.1", "2001:db8:7:8::2", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.behindProxies("192.0.2.0/24")
			flood(b, tc.flooder, "X-Forwarded-For", tc.forwarded)
			a := b.from(tc.other, http.MethodPost, unknown("/hangup"), "X-Forwarded-For", tc.otherSays)
			if tc.limited {
				a.isProblem(http.StatusTooManyRequests, "rate_limited")
			} else {
				a.isProblem(http.StatusNotFound, "call_not_found")
			}
		})
	}
}

// TestWrongKeysAreLimited: once an address has had its guesses, not even the right key tells it anything, unless it had
// been right from there before.
func TestWrongKeysAreLimited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := func(from, key string) *answer {
		return b.from(from, http.MethodGet, "/api/c2c/calls", "X-api-key", key)
	}
	list("203.0.113.7", goodKey).ok()
	for _, from := range []string{"203.0.113.5", "203.0.113.7"} {
		for i := range wrongKeysBurst {
			list(from, "guess "+strconv.Itoa(i)).isProblem(http.StatusUnauthorized, "unauthorized")
		}
		a := list(from, "another guess").isProblem(http.StatusTooManyRequests, "rate_limited")
		require.Equal(t, "6", a.header.Get("Retry-After"))
	}
	list("203.0.113.5", goodKey).isProblem(http.StatusTooManyRequests, "rate_limited")
	list("203.0.113.6", goodKey).ok()
	list("203.0.113.7", goodKey).ok()

	b.clock.forward(6 * time.Second)
	list("203.0.113.5", "one more guess").isProblem(http.StatusUnauthorized, "unauthorized")
	list("203.0.113.5", goodKey).isProblem(http.StatusTooManyRequests, "rate_limited")
	b.clock.forward(6 * time.Second)
	list("203.0.113.5", goodKey).ok()
}

// TestGuessesAtOnceArePaidFor: guesses that were under way together when the allowance ended count, too.
func TestGuessesAtOnceArePaidFor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const many = 3 * wrongKeysBurst
	var checking sync.WaitGroup
	checking.Add(many)
	b.store.onCheck = func() {
		checking.Done()
		checking.Wait()
	}
	answers := make(chan int, many)
	for i := range many {
		go func() {
			answers <- b.from("203.0.113.5", http.MethodGet, "/api/c2c/calls", "X-api-key", "guess "+strconv.Itoa(i)).status
		}()
	}
	for range many {
		require.Equal(t, http.StatusUnauthorized, <-answers)
	}
	a := b.from("203.0.113.5", http.MethodGet, "/api/c2c/calls", "X-api-key", goodKey).isProblem(http.StatusTooManyRequests, "rate_limited")
	require.Equal(t, strconv.Itoa((many-wrongKeysBurst+1)*6), a.header.Get("Retry-After"))
}
