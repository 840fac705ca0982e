package webhook

import (
	"net"
	"net/netip"
	"net/url"
	"time"
)

// SetResolver makes the sender ask another resolver.
func (s *Sender) SetResolver(r *net.Resolver) { s.resolver = r }

// SetCheck puts another check of addresses in the guard's place.
func (s *Sender) SetCheck(check func(addr netip.Addr, httpOK bool) error) { s.check = check }

// SetProxy puts a proxy for all in the place of the environment's.
func (s *Sender) SetProxy(proxy *url.URL) {
	s.proxy = func(*url.URL) (*url.URL, error) { return proxy, nil }
}

// SetTotal makes attempts shorter.
func (s *Sender) SetTotal(d time.Duration) { s.total = d }
