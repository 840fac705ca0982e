package servers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

const minSecret = 32 // shorter ones make LiveKit complain at every start

// newLiveKit writes the LiveKit server's configuration. See facts and fields in livekit-server's config-sample.yaml.
func newLiveKit(cfg Config) (*Process, error) {
	if len(cfg.APISecret) < minSecret {
		return nil, fmt.Errorf("configure LiveKit: the API secret has %d characters; use at least %d", len(cfg.APISecret), minSecret)
	}
	file := cfg.path("livekit.yaml")
	if err := writeYAML(file, liveKitConfig(cfg)); err != nil {
		return nil, fmt.Errorf("configure LiveKit: %w", err)
	}
	p := cfg.Ports
	return NewProcess(Spec{
		Name:    "LiveKit",
		Path:    cfg.Bin.LiveKit,
		Args:    []string{"--config", file},
		Env:     baseEnv(),
		LogFile: cfg.log("livekit"),
		Listens: []Listen{{"tcp", p.LiveKit}, {"tcp", p.LiveKitTCP}},
		Ready:   HTTPAnswers(fmt.Sprintf("http://127.0.0.1:%d/", p.LiveKit), http.StatusOK),
		// Asked to stop, LiveKit waits until the last participant has left. A lab is stopped with calls in it.
		StopGrace: 3 * time.Second,
	}), nil
}

func liveKitConfig(cfg Config) map[string]any {
	p := cfg.Ports
	return map[string]any{
		"port":           p.LiveKit,
		"bind_addresses": []string{"127.0.0.1"},
		"rtc": map[string]any{
			"tcp_port": p.LiveKitTCP, "port_range_start": p.RTC.First, "port_range_end": p.RTC.Last,
			"use_external_ip": false, "node_ip": "127.0.0.1",
		},
		"redis":   map[string]any{"address": cfg.via("livekit", "redis", p.Redis)},
		"keys":    map[string]string{cfg.APIKey: cfg.APISecret},
		"webhook": map[string]any{"api_key": cfg.APIKey, "urls": []string{cfg.WebhookURL}},
		// With auto_create a late SIP leg would re-create a room that the product deleted.
		"room": map[string]any{"auto_create": false, "empty_timeout": 300, "departure_timeout": 20},
		// Participants are read from the room's own node; from Redis they come late.
		"api":     map[string]any{"enable_psrpc_for_get_list_participants": true},
		"logging": map[string]any{"level": "info", "json": true},
	}
}

// newSIP writes the LiveKit SIP service's configuration.
func newSIP(cfg Config) (*Process, error) {
	file := cfg.path("sip.yaml")
	if err := writeYAML(file, sipConfig(cfg)); err != nil {
		return nil, fmt.Errorf("configure LiveKit SIP: %w", err)
	}
	p := cfg.Ports
	return NewProcess(Spec{
		Name:    "LiveKit SIP",
		Path:    cfg.Bin.SIP,
		Args:    []string{"--config", file},
		Env:     baseEnv(),
		LogFile: cfg.log("sip"),
		Listens: []Listen{{"udp", p.SIP}, {"tcp", p.SIP}, {"tcp", p.SIPHealth}},
		// 429 is "under load": it serves all the same.
		Ready: HTTPAnswers(fmt.Sprintf("http://127.0.0.1:%d/", p.SIPHealth), http.StatusOK, http.StatusTooManyRequests),
		// SIGTERM would wait for the calls to end, SIGINT ends them with a BYE (cmd/livekit-sip/main.go).
		StopSignal: syscall.SIGINT,
		StopGrace:  5 * time.Second,
	}), nil
}

func sipConfig(cfg Config) map[string]any {
	p := cfg.Ports
	return map[string]any{
		"api_key": cfg.APIKey, "api_secret": cfg.APISecret,
		"ws_url":   "ws://" + cfg.via("sip", "livekit", p.LiveKit),
		"redis":    map[string]any{"address": cfg.via("sip", "redis", p.Redis)},
		"sip_port": p.SIP, "rtp_port": fmt.Sprintf("%d-%d", p.SIPMedia.First, p.SIPMedia.Last),
		"listen_ip": "127.0.0.1", "use_external_ip": false, "nat_1_to_1_ip": "127.0.0.1",
		"health_port": p.SIPHealth,
		// Two busy cores would otherwise make it refuse calls with "cpu exhausted".
		"max_cpu_utilization": 1,
		"logging":             map[string]any{"level": "info", "json": true},
	}
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
