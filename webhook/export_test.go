package webhook

import (
	"net"
	"time"
)

// SetResolver makes the sender ask another resolver.
func (s *Sender) SetResolver(r *net.Resolver) { s.resolver = r }

// SetTotal makes attempts shorter.
func (s *Sender) SetTotal(d time.Duration) { s.total = d }
