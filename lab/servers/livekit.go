package servers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

const minSecret = 32 // shorter ones make LiveKit complain at every start

// node is one LiveKit server and the SIP service that signs in there. Of a pair, either may serve any call.
type node struct {
	suffix                           string // of names and files: "", or "-b"
	liveKit, liveKitTCP, sip, health int
	rtc, media                       Range
}

// nodes are the one node, or the two of a pair.
func (c Config) nodes() []node {
	p := c.Ports
	first := node{"", p.LiveKit, p.LiveKitTCP, p.SIP, p.SIPHealth, p.RTC, p.SIPMedia}
	if !c.Pair {
		return []node{first}
	}
	second := node{suffix: "-b", liveKit: p.LiveKitB, liveKitTCP: p.LiveKitBTCP, sip: p.SIPB, health: p.SIPBHealth}
	first.rtc, second.rtc = p.RTC.halves()
	first.media, second.media = p.SIPMedia.halves()
	return []node{first, second}
}

// named is a server's name on this node, for people: "LiveKit", "LiveKit B".
func (n node) named(name string) string {
	return name + strings.ToUpper(strings.Replace(n.suffix, "-", " ", 1))
}

// newLiveKit writes the LiveKit server's configuration. See facts and fields in livekit-server's config-sample.yaml.
func newLiveKit(cfg Config, n node) (*Process, error) {
	if len(cfg.APISecret) < minSecret {
		return nil, fmt.Errorf("configure LiveKit: the API secret has %d characters; use at least %d", len(cfg.APISecret), minSecret)
	}
	file := cfg.path("livekit" + n.suffix + ".yaml")
	if err := writeYAML(file, liveKitConfig(cfg, n)); err != nil {
		return nil, fmt.Errorf("configure LiveKit: %w", err)
	}
	return NewProcess(Spec{
		Name:    n.named("LiveKit"),
		Path:    cfg.Bin.LiveKit,
		Args:    []string{"--config", file},
		Env:     baseEnv(),
		LogFile: cfg.log("livekit" + n.suffix),
		Listens: []Listen{{"tcp", n.liveKit}, {"tcp", n.liveKitTCP}},
		Ready:   HTTPAnswers(fmt.Sprintf("http://127.0.0.1:%d/", n.liveKit), http.StatusOK),
		// Asked to stop, LiveKit waits until the last participant has left. A lab is stopped with calls in it.
		StopGrace: 3 * time.Second,
	}), nil
}

func liveKitConfig(cfg Config, n node) map[string]any {
	return map[string]any{
		"port":           n.liveKit,
		"bind_addresses": []string{"127.0.0.1"},
		"rtc": map[string]any{
			"tcp_port": n.liveKitTCP, "port_range_start": n.rtc.First, "port_range_end": n.rtc.Last,
			"use_external_ip": false, "node_ip": "127.0.0.1",
		},
		"redis":   map[string]any{"address": cfg.via("livekit"+n.suffix, "redis", cfg.Ports.Redis)},
		"keys":    map[string]string{cfg.APIKey: cfg.APISecret},
		"webhook": map[string]any{"api_key": cfg.APIKey, "urls": []string{cfg.WebhookURL}},
		// With auto_create a late SIP leg would re-create a room that the product deleted.
		"room": map[string]any{"auto_create": false, "empty_timeout": 300, "departure_timeout": 20},
		// Participants are read from the room's own node; from Redis they come late.
		"api":     map[string]any{"enable_psrpc_for_get_list_participants": true},
		"logging": map[string]any{"level": "info", "json": true},
	}
}

// liveKitPort is where clients reach LiveKit: a pair through its balancer, so that the death of one server takes no service with it.
func (c Config) liveKitPort() int {
	if c.Pair {
		return c.Ports.LiveKitFront
	}
	return c.Ports.LiveKit
}

// newSIP writes the LiveKit SIP service's configuration.
func newSIP(cfg Config, n node) (*Process, error) {
	file := cfg.path("sip" + n.suffix + ".yaml")
	if err := writeYAML(file, sipConfig(cfg, n)); err != nil {
		return nil, fmt.Errorf("configure LiveKit SIP: %w", err)
	}
	return NewProcess(Spec{
		Name:    n.named("LiveKit SIP"),
		Path:    cfg.Bin.SIP,
		Args:    []string{"--config", file},
		Env:     sipEnv(cfg),
		LogFile: cfg.log("sip" + n.suffix),
		Listens: []Listen{{"udp", n.sip}, {"tcp", n.sip}, {"tcp", n.health}},
		// 429 is "under load": it serves all the same.
		Ready: HTTPAnswers(fmt.Sprintf("http://127.0.0.1:%d/", n.health), http.StatusOK, http.StatusTooManyRequests),
		// SIGTERM would wait for the calls to end, SIGINT ends them with a BYE (cmd/livekit-sip/main.go).
		StopSignal: syscall.SIGINT,
		StopGrace:  5 * time.Second,
	}), nil
}

// sipEnv names the authorities that Go's crypto/x509 trusts instead of the system's.
func sipEnv(cfg Config) []string {
	if cfg.SIPTLS == nil {
		return baseEnv()
	}
	return append(baseEnv(), "SSL_CERT_FILE="+cfg.SIPTLS.Roots)
}

func sipConfig(cfg Config, n node) map[string]any {
	content := map[string]any{
		"api_key": cfg.APIKey, "api_secret": cfg.APISecret,
		"ws_url":   "ws://" + cfg.via("sip"+n.suffix, "livekit", cfg.liveKitPort()),
		"redis":    map[string]any{"address": cfg.via("sip"+n.suffix, "redis", cfg.Ports.Redis)},
		"sip_port": n.sip, "rtp_port": fmt.Sprintf("%d-%d", n.media.First, n.media.Last),
		"listen_ip": "127.0.0.1", "use_external_ip": false, "nat_1_to_1_ip": "127.0.0.1",
		"health_port": n.health,
		// Two busy cores would otherwise make it refuse calls with "cpu exhausted".
		"max_cpu_utilization": 1,
		// The dial's own media_timeout goes before it; this is for servers that do not hand that on. What never sent any sound
		// is given up soon.
		"media_timeout": "10m", "media_timeout_initial": "30s",
		"logging": map[string]any{"level": "info", "json": true},
	}
	if t := cfg.SIPTLS; t != nil {
		content["tls"] = map[string]any{
			"port": cfg.Ports.SIPTLS, "port_listen": cfg.Ports.SIPTLS,
			"certs": []map[string]string{{"cert_file": t.Certificate, "key_file": t.Key}},
		}
	}
	return content
}

// writeYAML writes a file that only we may read: these hold API secrets.
func writeYAML(path string, content map[string]any) error {
	text, err := yaml.Marshal(content)
	if err != nil {
		return fmt.Errorf("render %s: %w", path, err)
	}
	return os.WriteFile(path, text, 0o600)
}

// HTTPAnswers is a Probe that is content with one of the statuses.
func HTTPAnswers(url string, statuses ...int) Probe {
	client := &http.Client{Timeout: 2 * time.Second}
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("probe %s: %w", url, err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		defer func() { _ = resp.Body.Close() }()
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		for _, want := range statuses {
			if resp.StatusCode == want {
				return nil
			}
		}
		return fmt.Errorf("probe %s: got %s", url, resp.Status)
	}
}
