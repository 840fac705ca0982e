package api

import (
	"bytes"
	"context"
	_ "embed" // openapi.yaml
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/click2call/click2call/api/health"
	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/schema"
)

//go:embed openapi.yaml
var openAPI []byte

const pingTimeout = time.Second

// Health says that the process is alive: GET /healthz. It asks no dependency, so that an outage elsewhere does not
// restart this process.
func (a *API) Health(w http.ResponseWriter, r *http.Request) {
	a.reply(w, r, oapi.Health{Status: oapi.HealthStatusOk, Version: a.Version}, nil)
}

// Readiness says whether calls can be placed: GET /readyz.
func (a *API) Readiness(w http.ResponseWriter, r *http.Request) {
	var answer oapi.Readiness
	var storeErr, temporalErr, liveKitErr error
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	var pings sync.WaitGroup
	pings.Go(func() { storeErr = ping(ctx, a.Store) })
	pings.Go(func() { temporalErr = ping(ctx, a.Workflows) })
	pings.Go(func() { liveKitErr = ping(ctx, a.LiveKit) })
	pings.Wait()

	answer.Dependencies.Store = state(storeErr, health.KindStore)
	answer.Dependencies.Temporal = state(temporalErr, health.KindTemporal)
	answer.Dependencies.Livekit = state(liveKitErr, health.KindLiveKit)
	answer.Status = oapi.Ready
	status := http.StatusOK
	if a.draining() {
		answer.Status, status = oapi.NotReady, http.StatusServiceUnavailable
	}
	if err := errors.Join(storeErr, temporalErr, liveKitErr); err != nil {
		note(r.Context()).cause = err
		answer.Status, status = oapi.NotReady, http.StatusServiceUnavailable
	}
	writeJSON(w, status, answer)
}

// draining reports whether this process stops: it answers what is about calls that live, and opens none.
func (a *API) draining() bool { return a.Draining != nil && a.Draining() }

// ping asks a dependency, and stops waiting when ctx ends even if the dependency's client does not.
func ping(ctx context.Context, p Pinger) error {
	done := make(chan error, 1)
	go func() { done <- p.Ping(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// state is the console's sentence on a server that failed.
func state(err error, part health.Kind) string {
	if err != nil {
		return health.Dependency(part, health.Answer{Failed: true}).What
	}
	return "ok"
}

// OpenAPI answers the contract itself: GET /openapi.yaml.
func (a *API) OpenAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	text := bytes.Replace(openAPI, []byte("\n  - url: /\n"), []byte("\n  - url: "+a.PublicPath+"/\n"), 1)
	http.ServeContent(w, r, "openapi.yaml", time.Time{}, bytes.NewReader(text))
}

// OutcomeSchema answers the JSON Schema of the webhook: GET /schemas/outcome.v1.json. Its ETag saves those who come again
// the body.
func (a *API) OutcomeSchema(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/schema+json")
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("ETag", schema.OutcomeTag())
	http.ServeContent(w, r, "outcome.v1.json", time.Time{}, bytes.NewReader(schema.Outcome()))
}
