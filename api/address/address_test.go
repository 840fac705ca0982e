package address_test

import (
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/address"
)

func TestProxies(t *testing.T) {
	t.Parallel()
	proxies := address.Proxies{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8:1::/48")}
	for name, tc := range map[string]struct {
		from      string
		forwarded []string
		of        string
		counted   string
	}{
		"IPv4":                          {"203.0.113.5:4711", nil, "203.0.113.5", "203.0.113.5"},
		"IPv4 in IPv6":                  {"[::ffff:203.0.113.5]:4711", nil, "::ffff:203.0.113.5", "203.0.113.5"},
		"IPv6":                          {"[2001:db8:7:8:9::1]:4711", nil, "2001:db8:7:8:9::1", "2001:db8:7:8::/64"},
		"another of the same subnet":    {"[2001:db8:7:8:ffff::2]:4711", nil, "2001:db8:7:8:ffff::2", "2001:db8:7:8::/64"},
		"another subnet":                {"[2001:db8:7:9::1]:4711", nil, "2001:db8:7:9::1", "2001:db8:7:9::/64"},
		"IPv6 of a link":                {"[fe80::1%eth0]:4711", nil, "fe80::1%eth0", "fe80::/64"},
		"without a port":                {"203.0.113.5", nil, "203.0.113.5", "203.0.113.5"},
		"no address at all":             {"@", nil, "@", "@"},
		"no proxy of ours is believed":  {"203.0.113.5:4711", []string{"198.51.100.1"}, "203.0.113.5", "203.0.113.5"},
		"through a proxy":               {"192.0.2.1:4711", []string{"198.51.100.1"}, "198.51.100.1", "198.51.100.1"},
		"through two":                   {"192.0.2.1:4711", []string{"10.9.9.9, 198.51.100.1", "192.0.2.9"}, "198.51.100.1", "198.51.100.1"},
		"IPv6 through an IPv6 proxy":    {"[2001:db8:1::1]:4711", []string{"2001:db8:7:8::1"}, "2001:db8:7:8::1", "2001:db8:7:8::/64"},
		"a proxy that says nothing":     {"192.0.2.1:4711", nil, "192.0.2.1", "192.0.2.1"},
		"a proxy that says nonsense":    {"192.0.2.1:4711", []string{"nonsense"}, "192.0.2.1", "192.0.2.1"},
		"IPv4 in IPv6, forwarded":       {"192.0.2.1:4711", []string{"::ffff:198.51.100.1"}, "198.51.100.1", "198.51.100.1"},
		"a trusted proxy written as v6": {"[::ffff:192.0.2.1]:4711", []string{"198.51.100.1"}, "198.51.100.1", "198.51.100.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tc.from
			r.Header["X-Forwarded-For"] = tc.forwarded
			require.Equal(t, tc.of, proxies.Of(r))
			require.Equal(t, tc.counted, proxies.Counted(r))
		})
	}
}
