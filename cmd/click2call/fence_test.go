package main

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

// namespaceServer is a Temporal that knows no more than the id of its namespace.
type namespaceServer struct {
	workflowservice.UnimplementedWorkflowServiceServer

	id atomic.Value // string
}

func (s *namespaceServer) DescribeNamespace(context.Context, *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{NamespaceInfo: &namespacepb.NamespaceInfo{Name: "default", Id: s.id.Load().(string)}}, nil
}

func (s *namespaceServer) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (o *office) temporal(id string) *namespaceServer {
	o.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(o.t, err)
	played, server := &namespaceServer{}, grpc.NewServer()
	played.id.Store(id)
	workflowservice.RegisterWorkflowServiceServer(server, played)
	go func() { _ = server.Serve(listener) }() // ends with Stop, and says only that
	o.t.Cleanup(server.Stop)
	o.address = listener.Addr().String()
	o.environment = append(o.environment, "TEMPORAL_ADDRESS="+o.address, "CLICK2CALL_LISTEN=127.0.0.1:0")
	return played
}

func TestProcessesRefuseAnotherTemporal(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.store.KeepTemporal(t.Context(), store.TemporalNamespace{ID: "one", Name: "default", Since: time.Now()})
	require.NoError(t, err)
	o.temporal("two")
	for _, command := range []string{"serve", "api", "worker"} {
		code, _, stderr := exitCode(t, program(t, o.environment, command))
		require.Equal(t, 2, code, "%s: %s", command, stderr)
		for _, part := range []string{"TEMPORAL_ADDRESS", "one", "two", "click2call adopt-temporal two"} {
			require.Contains(t, stderr, part, command)
		}
	}

	for _, order := range [][]string{
		{"deliveries", "replay", "--state", "dead", "--yes"}, {"deliveries", "pause", "rpl_1"}, {"deliveries", "resume", "rpl_1"},
		{"deliveries", "cancel", "rpl_1"}, {"ledger", "release"},
	} {
		code, _, stderr := exitCode(t, program(t, o.environment, order...))
		require.Equal(t, 2, code, "%v: %s", order, stderr)
		require.Contains(t, stderr, "click2call adopt-temporal two", order)
	}
	code, _, stderr := exitCode(t, program(t, o.environment, "deliveries", "list"))
	require.Zero(t, code, "looking is allowed: %s", stderr)

	code, _, stderr = exitCode(t, program(t, o.environment, "adopt-temporal"))
	require.NotZero(t, code)
	require.Contains(t, stderr, "adopt-temporal two", "it shows both, and adopts nothing that was not named")
	code, _, _ = exitCode(t, program(t, o.environment, "adopt-temporal", "three"))
	require.NotZero(t, code)
	code, stdout, stderr := exitCode(t, program(t, o.environment, "adopt-temporal", "two"))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "adopted")
	kept, err := o.store.KeepTemporal(t.Context(), store.TemporalNamespace{ID: "four"})
	require.NoError(t, err)
	require.Equal(t, "two", kept.ID)
	log, err := o.store.AuditLog(t.Context(), store.AuditFilter{Action: "temporal_adopted"})
	require.NoError(t, err)
	require.Len(t, log.Entries, 1)
	require.Equal(t, "two", log.Entries[0].Target)
}

// Temporal is replaced by an empty one while the process runs.
func TestRunningProcessNoticesAnotherTemporal(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	played := o.temporal("one")
	c, err := client.NewLazyClient(client.Options{HostPort: o.address})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	a := &app{store: o.store, temporal: c, namespace: "default"}
	opens := fencedWorkflows{workflows.NewClient(c), a.fenced.Load}
	require.ErrorIs(t, opens.Open(t.Context(), workflows.CallInput{}), workflows.ErrTemporalUnavailable, "no call is opened before it is known which Temporal it is")
	ended := make(chan error, 1)
	go func() { ended <- a.keepFence(t.Context(), 10*time.Millisecond, 10*time.Millisecond) }()
	require.Eventually(t, a.fenced.Load, 10*time.Second, 5*time.Millisecond)
	select {
	case err := <-ended:
		require.Fail(t, "it ended in the right one", err)
	case <-time.After(100 * time.Millisecond):
	}
	played.id.Store("two")
	select {
	case err := <-ended:
		require.True(t, foreign(err), err)
		require.ErrorContains(t, err, "click2call adopt-temporal two")
	case <-time.After(10 * time.Second):
		require.Fail(t, "it runs on")
	}
}

func TestLedgerRelease(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, _, stderr := exitCode(t, program(t, o.environment, "ledger", "release"))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "holds nothing back")
	require.NoError(t, o.store.HoldLedger(t.Context(), time.Now(), 30, 90))
	code, stdout, stderr := exitCode(t, program(t, o.environment, "ledger", "release"))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "30 of 90")
	brake, err := o.store.LedgerBrake(t.Context())
	require.NoError(t, err)
	require.True(t, brake.Released(time.Now()))
	require.False(t, brake.Released(time.Now().Add(time.Hour)), "the word expires")
}
