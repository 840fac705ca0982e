package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Package is a Debian package and how to tell that what it brings is there, from wherever it came.
type Package struct {
	Name string
	Have func() bool
}

// ForServers are the packages that the servers run on or are built with. The SIP service is cgo: Opus to talk to
// LiveKit, soxr to resample.
func ForServers() []Package {
	return []Package{
		{"redis-server", onPath("redis-server")},
		{"gcc", onPath("gcc")},
		{"libc6-dev", exists("/usr/include/stdio.h")},
		{"pkg-config", onPath("pkg-config")},
		{"libopus-dev", pkgConfig("opus")},
		{"libopusfile-dev", pkgConfig("opusfile")},
		{"libsoxr-dev", pkgConfig("soxr")},
	}
}

// ForTests are the packages that only tests need.
func ForTests() []Package {
	return []Package{
		{"postgresql", exists("/usr/lib/postgresql/*/bin/initdb")},
		{"pgbouncer", exists("/usr/sbin/pgbouncer")},
		{"chromium", onPath("chromium")},
	}
}

// ForPeers are the packages that only `make peers` needs: SIP software of others.
func ForPeers() []Package {
	return []Package{
		{"kamailio", exists("/usr/sbin/kamailio")},
		{"kamailio-tls-modules", exists("/usr/lib/*/kamailio/modules/tls.so")},
		{"sip-tester", onPath("sipp")},
		{"baresip", onPath("baresip")},
	}
}

// ForCompose are the packages that only `make compose` needs: a Docker Engine, and what its images are made with. The browser trusts Caddy's
// authority through NSS.
func ForCompose() []Package {
	return []Package{
		{"docker.io", exists("/usr/sbin/dockerd")},
		{"iptables", onPath("iptables-save")},
		{"iproute2", onPath("ip")},
		{"debootstrap", onPath("debootstrap")},
		{"libnss3-tools", onPath("certutil")},
		{"chromium", onPath("chromium")},
	}
}

// forCheck are the packages for unit tests: the race detector is cgo, the store is tested on PostgreSQL too, and
// lab/servers on real servers.
func forCheck() []Package {
	var some []Package
	for _, p := range append(ForServers(), ForTests()...) {
		switch p.Name {
		case "gcc", "libc6-dev", "redis-server", "postgresql", "pgbouncer":
			some = append(some, p)
		}
	}
	return some
}

// ErrPackages says that packages are missing and cannot be installed from here.
var ErrPackages = errors.New("Debian packages are missing")

// Packages installs those of the packages that are missing. It needs root, or sudo without a password; else
// its error is one line with the command to run.
func (s Setup) Packages(ctx context.Context, packages ...Package) error {
	missing := Missing(packages)
	if len(missing) == 0 {
		return nil
	}
	list := strings.Join(missing, " ")
	apt, err := aptGet(ctx)
	if err != nil {
		return fmt.Errorf("%w: %s; %w", ErrPackages, list, hint(err, list))
	}
	s.say("installing Debian packages: %s", list)
	if err := s.run(ctx, append(apt, "update", "-q")); err != nil {
		return fmt.Errorf("update the package list: %w", err)
	}
	install := append(apt, "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
	if err := s.run(ctx, append(install, missing...)); err != nil {
		return fmt.Errorf("install %s: %w", list, err)
	}
	if still := Missing(packages); len(still) > 0 {
		return fmt.Errorf("%w: %s, although apt-get was content", ErrPackages, strings.Join(still, " "))
	}
	return nil
}

// Missing are the names of the packages that are not there.
func Missing(packages []Package) []string {
	var missing []string
	for _, p := range packages {
		if !p.Have() {
			missing = append(missing, p.Name)
		}
	}
	return missing
}

func hint(cause error, list string) error {
	return fmt.Errorf("%w: run `sudo apt-get update && sudo apt-get install -y %s`, then try again", cause, list)
}

// aptGet is the beginning of an apt-get command that may change the system.
func aptGet(ctx context.Context) ([]string, error) {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return nil, errors.New("this is not a Debian system")
	}
	env := []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get"}
	if os.Geteuid() == 0 {
		return env, nil
	}
	if exec.CommandContext(ctx, "sudo", "-n", "true").Run() != nil {
		return nil, errors.New("only root, or a sudo that asks for no password, can install them")
	}
	return append([]string{"sudo", "-n"}, env...), nil
}

func (s Setup) run(ctx context.Context, argv []string) error {
	out, err := s.quietly(ctx, "apt-get", exec.CommandContext(ctx, argv[0], argv[1:]...))
	if err != nil {
		return fmt.Errorf("run apt-get: %w (log %s)%s", err, out.path, out.tail())
	}
	return nil
}

func onPath(program string) func() bool {
	return func() bool { _, err := exec.LookPath(program); return err == nil }
}

func exists(pattern string) func() bool {
	return func() bool { found, _ := filepath.Glob(pattern); return len(found) > 0 }
}

func pkgConfig(module string) func() bool {
	return func() bool { return exec.Command("pkg-config", "--exists", module).Run() == nil }
}
