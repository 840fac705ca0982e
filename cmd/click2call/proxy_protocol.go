package main

import (
	"net"

	"github.com/pires/go-proxyproto"

	"github.com/click2call/click2call/api/address"
)

// behindProxies takes the PROXY protocol, version 1 or 2, from trusted proxies: the connection is then the client's that it names. A
// proxy that says nothing is taken at its own address, as its health checks are. Who is no trusted proxy and speaks it speaks no HTTP.
func behindProxies(l net.Listener, proxies address.Proxies) net.Listener {
	return &proxyproto.Listener{
		Listener: l, ReadHeaderTimeout: readHeaderTimeout,
		ConnPolicy: func(o proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
			host, _, err := net.SplitHostPort(o.Upstream.String())
			if err != nil || !proxies.Trust(host) {
				return proxyproto.SKIP, nil
			}
			return proxyproto.USE, nil
		},
	}
}
