package crm

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// stopWithin is how long Stop lets requests end.
const stopWithin = 5 * time.Second

// Start begins to listen, at the address that it had before if it ran already. It does nothing while the CRM runs.
func (c *CRM) Start(ctx context.Context) error {
	c.running.Lock()
	defer c.running.Unlock()
	if c.server != nil {
		return nil
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", c.address)
	if err != nil {
		return fmt.Errorf("start CRM: listen on %s: %w; stop what listens there, or choose another port", c.address, err)
	}
	c.address = ln.Addr().String()
	server := &http.Server{Handler: c.routes(), ReadHeaderTimeout: 10 * time.Second}
	c.server = server
	go func() { _ = server.Serve(ln) }() // ends with Close or Shutdown, and says only that
	return nil
}

// Close stops listening and drops every connection, hung ones too. What came before is kept, and Start may follow.
func (c *CRM) Close() error { return c.end((*http.Server).Close) }

// Kill is what a sender sees of a crash: connections break off in the middle, and new ones are refused.
func (c *CRM) Kill() { _ = c.Close() }

// Stop lets the requests under way end, for a few seconds, and refuses new ones.
func (c *CRM) Stop() {
	_ = c.end(func(s *http.Server) error {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			return s.Close()
		}
		return nil
	})
}

func (c *CRM) end(how func(*http.Server) error) error {
	c.running.Lock()
	defer c.running.Unlock()
	if c.server == nil {
		return nil
	}
	server := c.server
	c.server = nil
	return how(server)
}

// Pause is what a sender sees of a stalled machine: connections are taken, and nothing answers until Resume.
func (c *CRM) Pause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.resumed == nil {
		c.resumed = make(chan struct{})
	}
	return nil
}

// Resume takes what came meanwhile, also from senders that have given up: a stalled process finds it in its sockets.
func (c *CRM) Resume() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.resumed != nil {
		close(c.resumed)
		c.resumed = nil
	}
	return nil
}

// awaitResume returns at once unless the CRM is paused.
func (c *CRM) awaitResume() {
	c.mu.Lock()
	resumed := c.resumed
	c.mu.Unlock()
	if resumed != nil {
		<-resumed
	}
}
