package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// The environment of a CRM's developer; both are the installation's own names for it.
const (
	listenServer = "CLICK2CALL_PUBLIC_URL"
	listenKey    = "CRM_INBOUND_API_KEY"
)

func listenCommand() *cobra.Command {
	var o listenOptions
	cmd := &cobra.Command{
		Use: "listen", Short: "Get copies of outcomes on a developer's machine", Args: cobra.NoArgs,
		Long: "Get a copy of each outcome as its call ends, and post it to a receiver on this machine, signed as the real webhook is.\n\n" +
			"It connects to the installation, and nothing connects to it: it works behind any firewall. The real deliveries go on as they are.\n" +
			"The API key is that of the CRM; it is best put into " + listenKey + ", and the installation's address into " + listenServer + ".\n" +
			"Copies are signed with a secret that is made and printed at the start, or with " + receiverSecret + "; what is in " + receiverKey + "\n" +
			"is sent as X-api-key. The installation's own secrets stay there.\n\n" +
			"To have test outcomes of each kind without a call: click2call deliveries test --url http://localhost:3000/hook",
		Example: "  click2call listen --server https://calls.example.com --forward-to http://localhost:3000/hook\n" +
			"  click2call listen --print",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.server = cmp.Or(o.server, os.Getenv(listenServer))
			o.apiKey = cmp.Or(o.apiKey, os.Getenv(listenKey))
			o.secret, o.outboundKey = os.Getenv(receiverSecret), os.Getenv(receiverKey)
			return listenTo(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.server, "server", "", "the installation's address; "+listenServer+" when absent")
	f.StringVar(&o.apiKey, "api-key", "", "the CRM's API key; "+listenKey+" when absent, where other users of this machine cannot see it")
	f.StringVar(&o.endpoint, "endpoint", "", "the endpoint whose webhooks are copied; the one that every outcome goes to when absent")
	f.StringVar(&o.forwardTo, "forward-to", "", "post the copies to this URL")
	f.BoolVar(&o.print, "print", false, "print the bodies")
	return cmd
}

type listenOptions struct {
	server, apiKey      string
	endpoint            string // empty: the default one
	forwardTo           string // empty: nowhere
	secret, outboundKey string // empty: one is made; none is sent
	print               bool
}

// listenTo runs until ctx ends, which is no error.
func listenTo(ctx context.Context, o listenOptions, out, notes io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	f := &forwarder{to: o.forwardTo, print: o.print, out: out, sender: webhook.NewSender(anywhere(), version), outboundKey: o.outboundKey, secret: o.secret}
	if f.to != "" && f.secret == "" {
		f.secret = store.NewSigningSecret().Secret
		note(notes, "Copies are signed with a secret of this session, which the receiver verifies with:\n  %s=%s", receiverSecret, f.secret)
	}
	if f.to != "" && f.outboundKey == "" {
		note(notes, "They come without X-api-key; put what the receiver expects into %s.", receiverKey)
	}
	s := newStream(o.server, o.apiKey, o.endpoint, notes)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.run(ctx) })
	group.Go(func() error { return f.run(ctx, s.events) })
	err := group.Wait()
	note(notes, "%d heard, %d taken by the receiver.", f.heard, f.taken)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (o listenOptions) check() error {
	switch {
	case !isHTTP(o.server):
		return fmt.Errorf("give the installation's address, such as https://calls.example.com: --server, or %s", listenServer)
	case o.apiKey == "":
		return fmt.Errorf("give an API key of the CRM: %s, or --api-key", listenKey)
	case o.forwardTo != "" && !isHTTP(o.forwardTo):
		return errors.New("--forward-to must look like http://localhost:3000/hook")
	case !private(o.server):
		return errors.New("--server must be https: by plain http others could read the API key and customers' numbers")
	}
	return nil
}

func isHTTP(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// private reports whether nobody on the way can read what is sent: by https, or on this machine.
func private(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || strings.EqualFold(u.Hostname(), "localhost") || (ip != nil && ip.IsLoopback())
}

// anywhere lets the developer who types the command name any receiver: it can reach no more than who types it.
func anywhere() webhook.Guard {
	return webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
}

// note tells the developer something that is no event.
func note(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintln(w, plain(fmt.Sprintf(format, args...))) // a terminal that is gone needs no notes
}
