package chaos

import (
	"errors"
	"fmt"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Links are proxies on free ports between parts. Close them when the world is closed.
type Links struct {
	server *toxiproxy.ApiServer
	all    map[Target]*toxiproxy.Proxy
	errs   []error
}

// NewLinks returns none yet.
func NewLinks() *Links {
	return &Links{server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), all: map[Target]*toxiproxy.Proxy{}}
}

// Via puts a link in front of to's address, for from alone, and returns the link's: see world.Options. What went wrong Run returns.
func (l *Links) Via(from, to, address string) string {
	name := Target(from + "-" + to)
	link := toxiproxy.NewProxy(l.server, string(name), "127.0.0.1:0", address)
	if err := link.Start(); err != nil {
		l.errs = append(l.errs, fmt.Errorf("put a link in front of %s: %w", address, err))
		return address
	}
	l.all[name] = link
	return link.Listen
}

// Close ends all links.
func (l *Links) Close() {
	for _, link := range l.all {
		link.Stop()
	}
}

// complete reports a link that a plan may cut and that is not there.
func (l *Links) complete(pair bool) error {
	errs := l.errs
	for _, t := range targets(pair) {
		if t.actions[0] == Cut && l.all[t.name] == nil {
			errs = append(errs, fmt.Errorf("there is no link %s: start the world with Links.Via", t.name))
		}
	}
	return errors.Join(errs...)
}
