package compose

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/rs/zerolog"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/crm"
)

// site is the installation with what is around it in the world: a carrier, a CRM.
type site struct {
	root, dir string
	in        *installation
	carrier   *carrier.Carrier
	crm       *crm.CRM
	progress  progress
	calls     int
	notes     []string // figures, for the end
}

// Prove is what runs in the sandbox: everything that an operator does, in the order in which it comes.
func Prove(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeoutCause(ctx, sandboxWithin, fmt.Errorf("it took longer than %s", sandboxWithin))
	defer cancel()
	if err := furnish(ctx, o.Dir); err != nil {
		return err
	}
	// The agent's page and its SDK trust what the system trusts, and that is read once, at the first connection.
	if err := os.Setenv("SSL_CERT_FILE", filepath.Join(o.Dir, "authorities.crt")); err != nil {
		return fmt.Errorf("trust the authority: %w", err)
	}
	s := &site{root: o.Root, dir: o.Dir, progress: progress{out: o.Out}}
	e := newEngine(filepath.Join(o.Dir, "engine"), o.Programs.DockerCompose, false)
	if err := s.progress.do("Docker Engine", func() error { return e.start(ctx) }); err != nil {
		return err
	}
	defer e.proc.Stop()
	var err error
	if s.in, err = newInstallation(o.Root, o.Dir, e); err != nil {
		return err
	}
	// What a proof that was killed left in the engine's data.
	if err := s.progress.do("nothing is installed", func() error { return s.remove(ctx) }); err != nil {
		return err
	}
	if err := s.around(ctx); err != nil {
		return err
	}
	defer func() { _ = s.carrier.Close(); _ = s.crm.Close() }()
	err = s.steps(ctx)
	if err != nil {
		s.diagnose(context.WithoutCancel(ctx))
	}
	clean := s.progress.do("down: no container, volume or network is left", func() error { return s.remove(context.WithoutCancel(ctx)) })
	for _, n := range s.notes {
		_, _ = fmt.Fprintln(o.Out, "       ", n)
	}
	return errors.Join(err, clean)
}

// around starts the carrier and the CRM.
func (s *site) around(ctx context.Context) error {
	s.carrier = carrier.New(carrier.Config{SIPAddr: net.JoinHostPort(carrierIP, "5070"), HTTPAddr: "127.0.0.1:0", Logger: zerolog.Nop()})
	if err := s.carrier.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	var err error
	if s.crm, err = crm.New(crm.Config{Addr: net.JoinHostPort(crmIP, "9180"), APIKey: rand.Text(), Secret: newWebhookSecret()}); err != nil {
		return err
	}
	return s.crm.Start(ctx)
}

func (s *site) steps(ctx context.Context) error {
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"init: .env with random secrets, refuses a second time", s.install},
		{"up: all services healthy, two api, two worker", s.firstUp},
		{"a SIP trunk, its id in .env, up again", s.trunk},
		{"a call through Caddy over https and wss, webhook, sound", s.normally},
		{"a call in Chromium, which trusts the authority", s.inBrowser},
		{"scale to three and back, a call live", s.scale},
		{"every container killed, a call live each time", s.killAll},
		{"restart of everything, a call live", s.restart},
		{"upgrade to another build, a call live", s.upgrade},
		{"backup; down with all data; restore; old call, new call", s.restore},
	} {
		if err := s.progress.do(step.what, func() error { return step.do(ctx) }); err != nil {
			return err
		}
	}
	return nil
}

// diagnose prints what the containers said last.
func (s *site) diagnose(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, args := range [][]string{{"ps", "--all"}, {"logs", "--no-color", "--tail", "15"}} {
		out, err := s.in.do(ctx, args...)
		if err != nil {
			out = err.Error()
		}
		_, _ = io.WriteString(s.progress.out, out+"\n")
	}
}

func (s *site) install(ctx context.Context) error {
	key, secret := s.crm.Credentials()
	more := map[string]string{
		"VERSION": firstVersion, "CRM_WEBHOOK_URL": s.crm.URL(), "CRM_WEBHOOK_API_KEY": key, "CRM_WEBHOOK_SECRET": secret, "WEBHOOK_ALLOWED_RANGES": outside,
		"SIP_TRUNK_PREFIX": prefix,
	}
	if err := s.in.init(ctx, more); err != nil {
		return err
	}
	if err := s.in.init(ctx, nil); err == nil || !strings.Contains(err.Error(), "left as it is") {
		return fmt.Errorf("a second init was not refused: %w", err)
	}
	return nil
}

// once are the services that do something and end.
var once = []string{"migrate", "temporal-schema", "temporal-namespace"}

func (s *site) firstUp(ctx context.Context) error {
	began := time.Now()
	if err := s.in.up(ctx); err != nil {
		return err
	}
	s.note("up took %s from nothing", time.Since(began).Round(time.Second))
	return s.well(ctx, map[string]int{"api": 2, "worker": 2})
}

// well wants every long-running container to be healthy and those of scale to be so many.
func (s *site) well(ctx context.Context, scale map[string]int) error {
	all, err := s.in.containers(ctx)
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, c := range all {
		if slices.Contains(once, c.Service) {
			continue
		}
		count[c.Service]++
		if c.State != "running" || c.Health != "healthy" {
			return fmt.Errorf("%s is %s, %s", c.Name, c.State, c.Health)
		}
	}
	for service, want := range scale {
		if count[service] != want {
			return fmt.Errorf("there are %d of %s instead of %d", count[service], service, want)
		}
	}
	if len(count) < 9 {
		return fmt.Errorf("only %v run", count)
	}
	return nil
}

// trunk makes one as the README says, with LiveKit's API instead of its command line.
func (s *site) trunk(ctx context.Context) error {
	key, err := s.in.value("LIVEKIT_API_KEY")
	if err != nil {
		return err
	}
	secret, err := s.in.value("LIVEKIT_API_SECRET")
	if err != nil {
		return err
	}
	made, err := lksdk.NewSIPClient("https://"+liveKitHost, key, secret).CreateSIPOutboundTrunk(ctx, &livekit.CreateSIPOutboundTrunkRequest{
		Trunk: &livekit.SIPOutboundTrunkInfo{Name: "carrier", Address: s.carrier.SIPAddr(), Numbers: []string{did}, Transport: livekit.SIPTransport_SIP_TRANSPORT_UDP},
	})
	if err != nil {
		return fmt.Errorf("create a trunk: %w", err)
	}
	if err := s.in.set(map[string]string{"SIP_TRUNK_ID": made.GetSipTrunkId(), "SIP_TRUNK_DID": did}); err != nil {
		return err
	}
	return s.in.up(ctx)
}

func (s *site) scale(ctx context.Context) error {
	o, err := s.during(ctx, 45*time.Second, func(ctx context.Context) error {
		if err := s.in.up(ctx, "--scale", "api=3", "--scale", "worker=3"); err != nil {
			return err
		}
		if err := s.well(ctx, map[string]int{"api": 3, "worker": 3}); err != nil {
			return err
		}
		return s.in.up(ctx)
	})
	if err != nil {
		return err
	}
	if o.CallStatus != normal.CallStatus || o.Reason != normal.Reason {
		return fmt.Errorf("the outcome is %s", o)
	}
	return s.well(ctx, map[string]int{"api": 2, "worker": 2})
}

func (s *site) restart(ctx context.Context) error {
	o, err := s.during(ctx, 30*time.Second, func(ctx context.Context) error {
		began := time.Now()
		if _, err := s.in.do(ctx, "restart"); err != nil {
			return err
		}
		s.note("restart of everything took %s; LiveKit waits for the call to end", time.Since(began).Round(time.Second))
		return nil
	})
	if err != nil {
		return err
	}
	s.note("outcome of the call meanwhile: %s", o)
	if o.CallStatus != normal.CallStatus {
		return fmt.Errorf("the outcome is %s", o)
	}
	if err := s.in.up(ctx); err != nil {
		return err
	}
	return s.normally(ctx)
}

func (s *site) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// remove takes everything down, data too, and looks that nothing is left.
func (s *site) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 7*time.Minute) // LiveKit waits up to five for calls
	defer cancel()
	if _, err := os.Stat(s.in.envFile()); err == nil {
		if _, err := s.in.do(ctx, "down", "--volumes", "--remove-orphans"); err != nil {
			return err
		}
	}
	for _, kind := range []string{"container", "volume", "network"} {
		args := []string{kind, "ls", "--quiet", "--filter", "label=com.docker.compose.project=" + project}
		if kind == "container" {
			args = append(args, "--all")
		}
		out, err := s.in.docker(ctx, args...)
		if err != nil {
			return err
		}
		left := strings.Fields(out)
		if len(left) == 0 {
			continue
		}
		if _, err := os.Stat(s.in.envFile()); err == nil {
			return fmt.Errorf("docker compose down left %d of kind %s", len(left), kind)
		}
		rm := []string{kind, "rm"}
		if kind == "container" {
			rm = append(rm, "--force", "--volumes")
		}
		if _, err := s.in.docker(ctx, append(rm, left...)...); err != nil { // of a proof that was killed
			return err
		}
	}
	return nil
}
