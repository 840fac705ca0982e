package address_test

import (
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/address"
)

func trusted(h address.Header) address.Proxies {
	return address.Proxies{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8:1::/48")}, Header: h}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	proxies := trusted("")
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
		"with a port (Azure)":           {"192.0.2.1:4711", []string{"198.51.100.1:50123"}, "198.51.100.1", "198.51.100.1"},
		"IPv6 with a port (AWS)":        {"192.0.2.1:4711", []string{"[2001:db8:7:8::1]:50123"}, "2001:db8:7:8::1", "2001:db8:7:8::/64"},
		"IPv6 in brackets":              {"192.0.2.1:4711", []string{"[2001:db8:7:8::1]"}, "2001:db8:7:8::1", "2001:db8:7:8::/64"},
		"several, one with a port":      {"192.0.2.1:4711", []string{"198.51.100.1:1", "192.0.2.7:2,192.0.2.8"}, "198.51.100.1", "198.51.100.1"},
		"whom a proxy does not know":    {"192.0.2.1:4711", []string{"unknown"}, "192.0.2.1", "192.0.2.1"},
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

// TestForwarded has the forms of RFC 7239. What the other header says counts for nothing: a client can write it.
func TestForwarded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		forwarded []string
		of        string
	}{
		"an address":             {[]string{"for=198.51.100.1"}, "198.51.100.1"},
		"with all that there is": {[]string{`by=192.0.2.1;For="198.51.100.1:4711";host=example.com;proto=https`}, "198.51.100.1"},
		"IPv6":                   {[]string{`for="[2001:db8:7:8::1]"`}, "2001:db8:7:8::1"},
		"IPv6 with a port":       {[]string{`Proto=http; FOR="[2001:db8:7:8::1]:4711"`}, "2001:db8:7:8::1"},
		"a port that is hidden":  {[]string{`for="198.51.100.1:_port"`}, "198.51.100.1"},
		"through two":            {[]string{"for=10.9.9.9, for=198.51.100.1", "for=192.0.2.9;proto=http"}, "198.51.100.1"},
		"a comma in quotes":      {[]string{`for=198.51.100.1;host="a,for=203.0.113.9"`}, "198.51.100.1"},
		"whom nobody knows":      {[]string{"for=198.51.100.1, for=unknown"}, "192.0.2.1"},
		"whom a proxy hides":     {[]string{"for=198.51.100.1, for=_hidden"}, "192.0.2.1"},
		"an element without for": {[]string{"for=198.51.100.1, proto=https"}, "192.0.2.1"},
		"nothing":                {nil, "192.0.2.1"},
		"a client opens a quote": {[]string{`for="203.0.113.9:, for=198.51.100.1`}, "192.0.2.1"},
		"and a bracket":          {[]string{`for="[2001:db8:9::9]:, for=198.51.100.1`}, "192.0.2.1"},
		"in another pair":        {[]string{`for=203.0.113.9;a=", for="[2001:db8:7:8::1]"`}, "192.0.2.1"},
		"and a quoted pair":      {[]string{`for="203.0.113.9;x=, for=198.51.100.1`}, "192.0.2.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "192.0.2.1:4711"
		r.Header["Forwarded"] = tc.forwarded
		r.Header.Set("X-Forwarded-For", "203.0.113.66")
		require.Equal(t, tc.of, trusted(address.Forwarded).Of(r), name)
		require.Equal(t, "203.0.113.66", trusted(address.XForwardedFor).Of(r), name)
	}
}
