package webhook

import (
	"fmt"
	"net/netip"
	"slices"
)

// wellKnownNAT64 is the prefix that a network uses which has none of its own (RFC 6052, section 2.1).
var wellKnownNAT64 = netip.MustParsePrefix("64:ff9b::/96")

// CheckNAT64 refuses a prefix that no NAT64 can use: RFC 6052, section 2.2, has six lengths.
func CheckNAT64(p netip.Prefix) error {
	if p.Addr().Is4() || !slices.Contains([]int{32, 40, 48, 56, 64, 96}, p.Bits()) {
		return fmt.Errorf("%s is no prefix of a NAT64: an IPv6 network of length 32, 40, 48, 56, 64 or 96", p)
	}
	return nil
}

// translated is the IPv4 address that a NAT64 connects to for an IPv6 address with one of its prefixes.
func (g Guard) translated(a netip.Addr) (netip.Addr, bool) {
	for _, p := range append([]netip.Prefix{wellKnownNAT64}, g.NAT64...) {
		if p.Contains(a) {
			return embedded(a, p.Bits()), true
		}
	}
	return netip.Addr{}, false
}

// embedded is the IPv4 address behind a prefix of so many bits. Bits 64 to 71 are left out.
func embedded(a netip.Addr, bits int) netip.Addr {
	var v4 [4]byte
	all := a.As16()
	for i, at := 0, bits/8; i < len(v4); at++ {
		if at == 8 {
			continue
		}
		v4[i] = all[at]
		i++
	}
	return netip.AddrFrom4(v4)
}
