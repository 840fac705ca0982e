package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	temporalNamespace = "default"
	temporalDB        = "temporal.db"
	// queueReads is how often a second each queue of a history shard may be read. Temporal's default is 20, and the development server has
	// a single shard: steps of different workflows then wait for each other from about 50 a second. These are the reads of the 128
	// shards in docker-compose.yml (history.transferProcessorMaxPollRPS in Temporal's common/dynamicconfig/constants.go).
	queueReads = 20 * 128
)

// searchAttributes are those that workflows.Call sets, all of type Keyword.
func searchAttributes() []string { return []string{"CallStatus", "CaseId", "AgentId", "Trunk"} }

func temporalSpec(cfg Config) Spec {
	p := cfg.Ports
	return temporal(cfg, "Temporal", p.Temporal, []int{p.TemporalUI, p.TemporalHTTP, p.TemporalMetrics},
		"--ui-port", strconv.Itoa(p.TemporalUI), "--http-port", strconv.Itoa(p.TemporalHTTP), "--metrics-port", strconv.Itoa(p.TemporalMetrics),
		"--db-filename", cfg.path(temporalDB))
}

// SpareTemporal prepares one more Temporal beside the lab's, without its user interface, that keeps everything in memory: it
// takes about four times as many starts a second, and forgets them when it stops.
func (s *Servers) SpareTemporal(port int) *Process {
	return NewProcess(temporal(s.cfg, "spare Temporal", port, nil, "--headless"))
}

// temporalFiles are the lab's Temporal's database: SQLite's, with its journal.
func (s *Servers) temporalFiles() []string {
	return []string{s.cfg.path(temporalDB), s.cfg.path(temporalDB + "-wal"), s.cfg.path(temporalDB + "-shm")}
}

// TemporalCommand runs Temporal's own command line against the lab's Temporal, as an operator does.
func (s *Servers) TemporalCommand(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, s.cfg.Bin.Temporal, append(args, "--address", s.TemporalAddress(), "--namespace", temporalNamespace)...)
	cmd.Env = baseEnv()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("temporal %s: %w: %.300s", strings.Join(args, " "), err, out)
	}
	return nil
}

// ReplaceTemporal has an empty Temporal stand where the lab's was, as when its data are lost or TEMPORAL_ADDRESS is mistyped. What it
// holds is gone when RestoreTemporal brings the old one back.
func (s *Servers) ReplaceTemporal(ctx context.Context) error {
	s.Temporal.Stop()
	for _, file := range s.temporalFiles() {
		if err := os.Rename(file, file+".kept"); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("put Temporal's data aside: %w", err)
		}
	}
	return s.Temporal.Start(ctx)
}

// RestoreTemporal undoes ReplaceTemporal.
func (s *Servers) RestoreTemporal(ctx context.Context) error {
	s.Temporal.Stop()
	for _, file := range s.temporalFiles() {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the empty Temporal's data: %w", err)
		}
		if err := os.Rename(file+".kept", file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("bring Temporal's data back: %w", err)
		}
	}
	return s.Temporal.Start(ctx)
}

func temporal(cfg Config, name string, port int, others []int, extra ...string) Spec {
	args := append([]string{"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(port), "--log-level", "warn"}, extra...)
	for _, queue := range []string{"transfer", "timer", "visibility"} {
		args = append(args, "--dynamic-config-value", fmt.Sprintf("history.%sProcessorMaxPollRPS=%d", queue, queueReads))
	}
	for _, name := range searchAttributes() {
		args = append(args, "--search-attribute", name+"=Keyword")
	}
	spec := Spec{
		Name:    name,
		Path:    cfg.Bin.Temporal,
		Args:    args,
		Env:     baseEnv(),
		LogFile: cfg.log(strings.ReplaceAll(strings.ToLower(name), " ", "-")),
		Listens: []Listen{{"tcp", port}},
		Ready:   temporalServes(fmt.Sprintf("127.0.0.1:%d", port)),
	}
	for _, p := range others {
		spec.Listens = append(spec.Listens, Listen{"tcp", p})
	}
	return spec
}

// temporalServes looks at the frontend's health, then for the namespace and the search attributes: the dev
// server makes those after it began to serve, and a workflow started in between would fail.
func temporalServes(addr string) Probe {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return fmt.Errorf("reach temporal: %w", err)
		}
		defer func() { _ = conn.Close() }()
		health, err := healthpb.NewHealthClient(conn).Check(ctx,
			&healthpb.HealthCheckRequest{Service: workflowservice.WorkflowService_ServiceDesc.ServiceName})
		if err != nil {
			return fmt.Errorf("check temporal: %w", err)
		}
		if health.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			return fmt.Errorf("check temporal: it says %s", health.GetStatus())
		}
		return hasSearchAttributes(ctx, conn)
	}
}

func hasSearchAttributes(ctx context.Context, conn *grpc.ClientConn) error {
	got, err := operatorservice.NewOperatorServiceClient(conn).ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: temporalNamespace})
	if err != nil {
		return fmt.Errorf("list temporal's search attributes: %w", err)
	}
	for _, name := range searchAttributes() {
		if _, ok := got.GetCustomAttributes()[name]; !ok {
			return fmt.Errorf("list temporal's search attributes: %s is missing", name)
		}
	}
	return nil
}
