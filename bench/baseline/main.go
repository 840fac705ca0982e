// Command baseline is the program that people write first for click-to-call: an HTTP handler, a goroutine for each call that
// asks LiveKit once a second, state in memory, one POST as webhook. It is what make bench compares the product with. It
// shares no code with it, and forgets every call when it stops.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
)

// config is what the environment says; everything must be set.
type config struct {
	listen, apiKey               string
	liveKit, liveKey, liveSecret string
	trunk, prefix, did, webhook  string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	c, err := fromEnv()
	if err != nil {
		return err
	}
	s := &server{
		config: c, ctx: ctx, calls: map[string]*phoneCall{},
		rooms: lksdk.NewRoomServiceClient(c.liveKit, c.liveKey, c.liveSecret),
		sip:   lksdk.NewSIPClient(c.liveKit, c.liveKey, c.liveSecret),
		crm:   &http.Client{Timeout: 10 * time.Second},
	}
	web := &http.Server{Addr: c.listen, Handler: s.routes(), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = web.Close() })
	if err := web.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func fromEnv() (config, error) {
	var c config
	for name, field := range map[string]*string{
		"LISTEN": &c.listen, "API_KEY": &c.apiKey, "WEBHOOK_URL": &c.webhook,
		"LIVEKIT_URL": &c.liveKit, "LIVEKIT_API_KEY": &c.liveKey, "LIVEKIT_API_SECRET": &c.liveSecret,
		"SIP_TRUNK_ID": &c.trunk, "SIP_TRUNK_PREFIX": &c.prefix, "SIP_TRUNK_DID": &c.did,
	} {
		if *field = os.Getenv(name); *field == "" {
			return c, fmt.Errorf("set %s", name)
		}
	}
	return c, nil
}
