package webhook

import "net/netip"

// metadata are the addresses at which a machine of a cloud is told its secrets, or reaches the host that it runs on.
var metadata = map[netip.Addr]string{
	netip.MustParseAddr("169.254.169.254"):      "AWS, Google, Azure, Oracle",
	netip.MustParseAddr("169.254.170.2"):        "AWS ECS",
	netip.MustParseAddr("169.254.170.23"):       "AWS EKS",
	netip.MustParseAddr("fd00:ec2::254"):        "AWS",
	netip.MustParseAddr("fd00:ec2::23"):         "AWS EKS",
	netip.MustParseAddr("fd20:ce::254"):         "Google",
	netip.MustParseAddr("168.63.129.16"):        "Azure's host agent",
	netip.MustParseAddr("100.100.100.200"):      "Alibaba",
	netip.MustParseAddr("192.0.0.192"):          "Oracle",
	netip.MustParseAddr("fd00:c1::a9fe:a9fe"):   "Oracle",
	netip.MustParseAddr("169.254.0.23"):         "Tencent",
	netip.MustParseAddr("::a9fe:a9fe"):          "in disguise",
	netip.MustParseAddr("::ffff:0:a9fe:a9fe"):   "in disguise",
	netip.MustParseAddr("2002:a9fe:a9fe::"):     "in disguise",
	netip.MustParseAddr("64:ff9b:1::a9fe:a9fe"): "in disguise",
}

// metadataRefusal says why an address of a cloud's metadata is refused; "" where it is none, or an operator named just that address.
func (g Guard) metadataRefusal(a netip.Addr) string {
	whose, is := metadata[a]
	if !is {
		return ""
	}
	for _, p := range g.Allowed {
		if p.IsSingleIP() && p.Addr() == a {
			return ""
		}
	}
	return "cloud metadata (" + whose + "), which no network allows that holds more than this one address"
}
