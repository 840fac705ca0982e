package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/click2call/click2call/api/health"
	"github.com/click2call/click2call/workflows"
)

// pingTimeout bounds what /readyz waits for one dependency.
const pingTimeout = time.Second

// workerReadiness is what a process that is only a worker answers on /readyz; the api has one of its own.
type workerReadiness struct {
	Status       string            `json:"status"` // ready or not_ready
	Version      string            `json:"version"`
	Dependencies map[string]string `json:"dependencies"` // "ok", or what to do
}

// workerHealth answers for a process that runs no api, on the address where the api would: /healthz while the
// process lives, /readyz while it can take work.
func (a *app) workerHealth() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok", "version": version})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		status, readiness := http.StatusOK, a.workerReadiness(r.Context())
		if readiness.Status != "ready" {
			status = http.StatusServiceUnavailable
		}
		answer(w, status, readiness)
	})
	return mux
}

func (a *app) workerReadiness(ctx context.Context) workerReadiness {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	store, temporal := pinged(ctx, a.store.Ping), pinged(ctx, workflows.NewClient(a.temporal).Ping)
	r := workerReadiness{Status: "ready", Version: version, Dependencies: map[string]string{
		"store": "ok", "temporal": "ok", "workers": "ok",
	}}
	missing := func(name, advice string) { r.Status, r.Dependencies[name] = "not_ready", advice }
	if <-store != nil {
		missing("store", failing(health.KindStore))
	}
	if <-temporal != nil {
		missing("temporal", failing(health.KindTemporal))
	}
	if !a.polling.Load() {
		missing("workers", "do not take work: they are starting, waiting for Temporal, or stopping")
	}
	return r
}

// failing is the console's sentence on a server that does not answer.
func failing(part health.Kind) string {
	return health.Dependency(part, health.Answer{Failed: true}).What
}

// pinged asks a dependency beside the others, and stops waiting when ctx ends even if its client does not.
func pinged(ctx context.Context, ping func(context.Context) error) <-chan error {
	done := make(chan error, 2)
	go func() { done <- ping(ctx) }()
	context.AfterFunc(ctx, func() { done <- ctx.Err() })
	return done
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The bodies are plain structs; what can fail is the connection, and then there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}
