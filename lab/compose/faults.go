package compose

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/click2call/click2call/lab/agent"
)

const (
	backWithin = 2 * time.Minute // a killed container: started, and healthy
	lookEvery  = 500 * time.Millisecond
)

// killAll kills the first process of each container, as the kernel does when memory is short: Docker counts `docker kill` as an operator's wish and
// would not start it again.
func (s *site) killAll(ctx context.Context) error {
	all, err := s.in.containers(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if slices.Contains(once, c.Service) {
			continue
		}
		var back time.Duration
		began := time.Now()
		stop := s.progress.tick("killing "+c.Name, began)
		o, err := s.during(ctx, 14*time.Second, func(ctx context.Context) error {
			var err error
			back, err = s.kill(ctx, c)
			return err
		})
		stop()
		if err != nil {
			return fmt.Errorf("kill %s: %w", c.Name, err)
		}
		s.note("%-28s killed, healthy again after %5.1f s; the call: %s", c.Name, back.Seconds(), o)
		// A call whose media server or SIP leg was killed cannot go on; any other must.
		if media := c.Service == "livekit" || c.Service == "livekit-sip"; o.CallStatus != normal.CallStatus || !media && o.Reason != normal.Reason {
			return fmt.Errorf("kill %s: the outcome is %s", c.Name, o)
		}
	}
	return s.normally(ctx)
}

// kill returns how long it took until the container was healthy again.
func (s *site) kill(ctx context.Context, c container) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, backWithin, errors.New("it did not come back"))
	defer cancel()
	before, err := s.in.inspect(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := syscall.Kill(before.Pid, syscall.SIGKILL); err != nil {
		return 0, fmt.Errorf("kill process %d: %w", before.Pid, err)
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		now, err := s.in.inspect(ctx, c.ID)
		if err != nil {
			return 0, err
		}
		if now.RestartCount > before.RestartCount && now.Running && now.Health == "healthy" {
			return time.Since(began), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%w: %+v", context.Cause(ctx), now)
		case <-ticker.C:
		}
	}
}

// rollOver is docs/operations.md's upgrade: the new containers come up beside the old ones, which then go. A plain up stops all of
// them first, and for ten seconds nobody answers.
func (s *site) rollOver(ctx context.Context) error {
	if _, err := s.in.do(ctx, "run", "--rm", "--no-deps", "-T", "migrate"); err != nil {
		return err
	}
	if err := s.in.up(ctx, "--no-recreate", "--scale", "api=4", "--scale", "worker=4"); err != nil {
		return err
	}
	return s.in.up(ctx)
}

// awayAtMost is how long the api may not answer during an upgrade: as long as Caddy tries the next container.
const awayAtMost = 5 * time.Second

// upgrade changes VERSION and rolls over, and asks the api all the while.
func (s *site) upgrade(ctx context.Context) error {
	if v, err := s.version(ctx); err != nil || v != firstVersion {
		return fmt.Errorf("it is version %q, %w", v, err)
	}
	if err := s.in.set(map[string]string{"VERSION": secondVersion}); err != nil {
		return err
	}
	o, err := s.during(ctx, 40*time.Second, func(ctx context.Context) error {
		asking, stop := context.WithCancel(ctx)
		gap := make(chan time.Duration, 1)
		go func() { gap <- s.longestGap(asking) }()
		err := s.rollOver(ctx)
		stop()
		away := <-gap
		s.note("longest time without an answer of the api during the upgrade: %s", away.Round(100*time.Millisecond))
		if err == nil && away > awayAtMost {
			err = fmt.Errorf("the api did not answer for %s", away)
		}
		return err
	})
	if err != nil {
		return err
	}
	if o.CallStatus != normal.CallStatus || o.Reason != normal.Reason {
		return fmt.Errorf("the outcome is %s", o)
	}
	if v, err := s.version(ctx); err != nil || v != secondVersion {
		return fmt.Errorf("it is version %q, %w", v, err)
	}
	if err := s.well(ctx, map[string]int{"api": 2, "worker": 2}); err != nil {
		return err
	}
	all, err := s.in.containers(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Image == "click2call:"+firstVersion {
			return fmt.Errorf("%s is of the old build still", c.Name)
		}
	}
	return s.normally(ctx)
}

// version is what the api says it is.
func (s *site) version(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+publicHost+"/healthz", nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var health struct{ Version string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&health); err != nil {
		return "", fmt.Errorf("read /healthz: %s: %w", resp.Status, err)
	}
	return health.Version, nil
}

// longestGap asks until ctx ends and returns the longest time without an answer.
func (s *site) longestGap(ctx context.Context) time.Duration {
	var longest time.Duration
	for last := time.Now(); ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		if _, err := s.version(ctx); err == nil {
			longest = max(longest, time.Since(last))
			last = time.Now()
		}
	}
	return longest
}

var databases = []string{"click2call", "temporal", "temporal_visibility"}

// restore does what docs/operations.md says, command by command: back up, lose everything, put it back.
func (s *site) restore(ctx context.Context) error {
	calls := s.crm.Received()
	old := calls[len(calls)-1].CallID
	dumps := map[string][]byte{}
	for _, d := range databases {
		out, err := s.in.do(ctx, "exec", "-T", "postgres", "pg_dump", "--username=postgres", "--format=custom", d)
		if err != nil {
			return err
		}
		dumps[d] = []byte(out)
	}
	trunks, err := s.in.do(ctx, "exec", "-T", "redis", "tar", "--create", "--directory=/data", ".")
	if err != nil {
		return err
	}
	env, err := os.ReadFile(s.in.envFile())
	if err != nil {
		return err
	}

	if _, err := s.in.do(ctx, "down", "--volumes"); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.in.dir, ".env"), env, 0o600); err != nil {
		return err
	}

	began := time.Now()
	if _, err := s.in.do(ctx, "up", "--detach", "--wait", "postgres"); err != nil {
		return err
	}
	for _, d := range databases {
		_, err := s.in.run(ctx, s.in.dir, dumps[d], s.in.compose, "exec", "-T", "postgres", "pg_restore", "--username=postgres", "--exit-on-error", "--clean", "--if-exists", "--dbname="+d)
		if err != nil {
			return err
		}
	}
	if _, err := s.in.run(ctx, s.in.dir, []byte(trunks), s.in.compose, "run", "--rm", "--no-deps", "-T", "--entrypoint=tar", "redis", "--extract", "--directory=/data"); err != nil {
		return err
	}
	if err := s.in.up(ctx); err != nil {
		return err
	}
	s.note("restored in %s", time.Since(began).Round(time.Second))
	a := agent.New("https://" + publicHost)
	a.Adopt(agent.Response{CallID: old})
	var record struct {
		Status string `json:"status"`
	}
	if err := a.Record(ctx, &record); err != nil {
		return fmt.Errorf("read the call of before: %w", err)
	}
	if record.Status != "ended" {
		return fmt.Errorf("the call of before is %s", record.Status)
	}
	return s.normally(ctx)
}
