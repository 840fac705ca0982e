package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/api/address"
	"github.com/click2call/click2call/api/admin"
	"github.com/click2call/click2call/ui"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/workflows"
)

// handler is everything that the api serves: the operators' API under /api/admin/, the CRM's and the browser's API, and the
// console at every other path; all of it under the path of the public URL as well.
func (a *app) handler(ctx context.Context) (http.Handler, error) {
	proxies, err := a.cfg.trustedProxies()
	if err != nil {
		return nil, err
	}
	operators, err := admin.New(admin.Deps{
		Store: a.store, Workflows: workflows.NewClient(a.temporal), LiveKit: a.livekit,
		TestCalls: api.NewTestCalls(a.calls()), Replays: a.replays(), Webhooks: webhook.NewSender(a.guard, version),
		Logger: a.log, Observer: a.metrics, Version: version,
		PublicURL: a.cfg.PublicURL, TemporalURL: a.cfg.TemporalUIURL, TemporalNamespace: a.namespace,
		TrustedProxies: proxies, Closing: ctx.Done(),
	})
	if err != nil {
		return nil, err
	}
	files, err := ui.Built()
	if err != nil {
		return nil, err
	}
	console, err := ui.New(files, a.cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	calls := a.calls()
	calls.TrustedProxies, calls.Closing, calls.PublicPath = proxies, ctx.Done(), publicPath(a.cfg.PublicURL)
	mux, machines := http.NewServeMux(), api.New(calls)
	mux.Handle("/api/admin/", operators)
	for _, path := range []string{"/api/", "/webhooks/", "/healthz", "/readyz", "/openapi.yaml", "/schemas/"} {
		mux.Handle(path, machines)
	}
	mux.Handle("/", console)
	return underPath(publicPath(a.cfg.PublicURL), mux), nil
}

// firstUser adds the console's first user when there is none. A password that was made for it is printed here and
// nowhere else, whatever the log level: without it nobody gets in.
func (a *app) firstUser(ctx context.Context) error {
	password, err := admin.FirstStart(ctx, a.store, a.cfg.AdminPassword)
	if err != nil {
		return fmt.Errorf("prepare the first start: %w", err)
	}
	if password != "" {
		a.log.Log().Str("user", "admin").Str("password", password).
			Msg("first start: log in to the console with this password; it is shown only now, and must be changed at the first login")
	}
	return nil
}

func (c Config) trustedProxies() (address.Proxies, error) {
	proxies := address.Proxies{Header: address.XForwardedFor}
	if strings.EqualFold(c.ProxyHeader, string(address.Forwarded)) {
		proxies.Header = address.Forwarded
	}
	var err error
	proxies.Networks, err = networks("CLICK2CALL_TRUSTED_PROXIES", "10.0.0.0/8", c.TrustedProxies)
	return proxies, err
}
