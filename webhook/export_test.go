package webhook

import (
	"net"
	"net/netip"
	"time"
)

// SetResolver makes the sender ask another resolver.
func (s *Sender) SetResolver(r *net.Resolver) { s.resolver = r }

// SetCheck puts another check of addresses in the guard's place.
func (s *Sender) SetCheck(check func(addr netip.Addr, httpOK bool) error) { s.check = check }

// SetTotal makes attempts shorter.
func (s *Sender) SetTotal(d time.Duration) { s.total = d }
