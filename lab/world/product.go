package world

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/servers"
)

// NewProduct prepares one more process of the product, for example an api and two workers beside each other. The
// name is for people and the log file; port is where it listens, 0 for a role that has no api. Start waits until
// /readyz is content.
func (w *World) NewProduct(name string, port int, args ...string) *servers.Process {
	return w.NewProductOf(w.opts.Product, name, port, args...)
}

// NewProductOf is NewProduct with another build of the product: program is its path.
func (w *World) NewProductOf(program, name string, port int, args ...string) *servers.Process {
	spec := servers.Spec{
		Name: name, Path: program, Args: args, Dir: w.opts.Dir,
		Env:     w.ProductEnv(port),
		LogFile: filepath.Join(w.opts.Dir, "logs", strings.ReplaceAll(name, " ", "-")+".log"),
		// A worker lets running activities end, and a dial may wait for its answer.
		StopGrace: 20 * time.Second,
	}
	if port != 0 {
		spec.Listens = []servers.Listen{{Network: "tcp", Port: port}}
		spec.Ready = servers.HTTPAnswers("http://"+local(port)+"/readyz", http.StatusOK)
	}
	return servers.NewProcess(spec)
}

// Migrate brings the product's database to the schema of the product, as an operator does before an api or a worker starts; serve does it
// by itself.
func (w *World) Migrate(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, w.opts.Product, "migrate")
	cmd.Dir, cmd.Env = w.opts.Dir, w.ProductEnv(w.opts.Ports.Product)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("migrate the product's database: %w: %s", err, out)
	}
	return nil
}

// Reroute adds to the environment of the product processes that are prepared from now on, and wins: for proxies between the
// product and what it needs.
func (w *World) Reroute(env ...string) { w.opts.Env = append(w.opts.Env, env...) }

// ProductEnv is the whole environment of a product process that listens on port.
func (w *World) ProductEnv(port int) []string {
	env := []string{"LC_ALL=C.UTF-8"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return append(append(env, w.Settings(port)...), w.opts.Env...)
}

// metricsAddress is where the product process that listens on port serves its metrics: one of them has a known port.
func (w *World) metricsAddress(port int) string {
	if port == w.opts.Ports.Product {
		return local(w.opts.Ports.Metrics)
	}
	return "off"
}

// MetricsURL is where the process that listens on the product's port serves its metrics.
func (w *World) MetricsURL() string { return "http://" + local(w.opts.Ports.Metrics) + "/metrics" }

// Settings are the variables that an operator would set to run a product process against this world.
func (w *World) Settings(port int) []string {
	s := w.Secrets
	database := w.Servers.DatabaseURL()
	if database == "" {
		database = "sqlite:" + filepath.Join(w.opts.Dir, "click2call.db")
	}
	return []string{
		"CLICK2CALL_LISTEN=" + local(port),
		"CLICK2CALL_METRICS_LISTEN=" + w.metricsAddress(port),
		"CLICK2CALL_DRAIN_NOTICE=0s", // nobody balances
		"CLICK2CALL_PUBLIC_URL=" + w.ProductURL(),
		"CLICK2CALL_ADMIN_PASSWORD=" + s.AdminPassword,
		"CLICK2CALL_SECRET_KEY=" + s.StoreKey,
		"DATABASE_URL=" + database,
		"TEMPORAL_ADDRESS=" + w.Servers.TemporalAddress(),
		"LIVEKIT_URL=" + strings.Replace(w.Servers.LiveKitURL(), "http", "ws", 1),
		"LIVEKIT_API_KEY=" + s.LiveKitKey,
		"LIVEKIT_API_SECRET=" + s.LiveKitSecret,
		"CRM_INBOUND_API_KEY=" + s.InboundKey,
		"CRM_WEBHOOK_URL=" + w.CRM.URL(),
		"CRM_WEBHOOK_API_KEY=" + s.OutboundKey,
		"CRM_WEBHOOK_SECRET=" + s.WebhookSecret,
		"WEBHOOK_ALLOWED_RANGES=127.0.0.0/8",
		"SIP_TRUNK_ID=" + w.TrunkID,
		"SIP_TRUNK_PREFIX=" + TrunkPrefix,
		"SIP_TRUNK_DID=" + TrunkDID,
	}
}
