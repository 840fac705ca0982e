package servers

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

func redisSpec(cfg Config) Spec {
	port := strconv.Itoa(cfg.Ports.Redis)
	return Spec{
		Name: "Redis",
		Path: cfg.Bin.Redis,
		// The append-only file keeps LiveKit's SIP trunks over a kill of Redis.
		Args: []string{
			"--port", port, "--bind", "127.0.0.1", "--dir", cfg.path("redis"),
			"--appendonly", "yes", "--save", "", "--daemonize", "no",
		},
		Env:     baseEnv(),
		LogFile: cfg.log("redis"),
		Listens: []Listen{{"tcp", cfg.Ports.Redis}},
		Ready:   pingRedis(net.JoinHostPort("127.0.0.1", port)),
	}
}

// pingRedis asks with an inline command (redis.io/docs/reference/protocol-spec, "Inline commands"). A Redis that
// still reads its file answers -LOADING.
func pingRedis(addr string) Probe {
	return func(ctx context.Context) error {
		d := net.Dialer{Timeout: time.Second}
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return fmt.Errorf("ping redis: %w", err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		if _, err := conn.Write([]byte("PING\r\n")); err != nil {
			return fmt.Errorf("ping redis: %w", err)
		}
		line, err := bufio.NewReaderSize(conn, 64).ReadString('\n')
		if err != nil {
			return fmt.Errorf("ping redis: %w", err)
		}
		if line != "+PONG\r\n" {
			return fmt.Errorf("ping redis: got %q", line)
		}
		return nil
	}
}
