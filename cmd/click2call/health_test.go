package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// frontend is as much of Temporal as a health check sees.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
}

func (frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func startFrontend(t *testing.T) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server, h := grpc.NewServer(), health.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, frontend{})
	h.SetServingStatus("temporal.api.workflowservice.v1.WorkflowService", healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(server, h)
	go func() { _ = server.Serve(listener) }() // ends with Stop, and says only that
	t.Cleanup(server.Stop)
	return listener.Addr().String(), server.Stop
}

func workerApp(t *testing.T, temporalAddress string) *app {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "c2c.db"), store.Key{1})
	require.NoError(t, err)
	c, err := client.NewLazyClient(client.Options{HostPort: temporalAddress})
	require.NoError(t, err)
	a := &app{log: zerolog.Nop(), store: s, temporal: c}
	a.livekit = livekit.New(a.liveKitCredentials)
	t.Cleanup(a.Close)
	return a
}

func readiness(t *testing.T, a *app) (int, workerReadiness) {
	t.Helper()
	w := httptest.NewRecorder()
	a.workerHealth().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	var r workerReadiness
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &r))
	return w.Code, r
}

func TestWorkerIsReadyOnlyWithAllItNeeds(t *testing.T) {
	t.Parallel()
	address, stop := startFrontend(t)
	a := workerApp(t, address)

	status, r := readiness(t, a)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "not_ready", r.Status)
	require.Equal(t, "ok", r.Dependencies["store"])
	require.Equal(t, "ok", r.Dependencies["temporal"])
	require.Contains(t, r.Dependencies["workers"], "do not take work")

	a.polling.Store(true)
	status, r = readiness(t, a)
	require.Equal(t, http.StatusOK, status, r)
	require.Equal(t, "ready", r.Status)

	stop()
	status, r = readiness(t, a)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, r.Dependencies["temporal"], "TEMPORAL_ADDRESS")
	require.Equal(t, "ok", r.Dependencies["store"])

	require.NoError(t, a.store.Close())
	_, r = readiness(t, a)
	require.Contains(t, r.Dependencies["store"], "DATABASE_URL")
}

func TestDialable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		":8080": "127.0.0.1:8080", "0.0.0.0:80": "127.0.0.1:80", "[::]:81": "127.0.0.1:81",
		"127.0.0.2:82": "127.0.0.2:82", "[::1]:83": "[::1]:83", "localhost:84": "localhost:84",
	} {
		require.Equal(t, want, dialable(address))
	}
}
