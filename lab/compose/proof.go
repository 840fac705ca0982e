package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/world"
)

// The builds of our own image: the second is what the installation is upgraded to.
const (
	firstVersion  = "lab-one"
	secondVersion = "lab-two"
)

// Time limits: of making all images with nothing cached, and of everything in the sandbox.
const (
	imagesWithin  = 30 * time.Minute
	sandboxWithin = 30 * time.Minute
)

// Options say where the proof works and with what.
type Options struct {
	Root     string // of the repository
	Dir      string // for the engine, its images, and the installation
	Cache    string // where the base image is kept between checkouts
	Programs Programs
	Out      io.Writer
}

// Prepare makes the images: an engine of our own runs for that time, in this machine's network, with no bridge and no firewall rule.
func Prepare(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeoutCause(ctx, imagesWithin, fmt.Errorf("making the images took longer than %s", imagesWithin))
	defer cancel()
	p := progress{out: o.Out}
	var base string
	err := p.do("Debian for the images", func() (err error) {
		base, err = baseTar(ctx, o.Cache, o.Dir, quiet)
		return err
	})
	if err != nil {
		return err
	}
	b := &builder{engine: newEngine(filepath.Join(o.Dir, "engine"), o.Programs.DockerCompose, true), work: filepath.Join(o.Dir, "build")}
	if err := p.do("engine for building", func() error { return b.engine.start(ctx) }); err != nil {
		return err
	}
	defer b.engine.proc.Stop()
	if err := p.do("base image", func() error { return b.importBase(ctx, base) }); err != nil {
		return err
	}
	composeFile, err := os.ReadFile(filepath.Join(o.Root, "docker-compose.yml"))
	if err != nil {
		return fmt.Errorf("make images: %w", err)
	}
	dockerfile, err := os.ReadFile(filepath.Join(o.Root, "Dockerfile"))
	if err != nil {
		return fmt.Errorf("make images: %w", err)
	}
	all := standIns(o.Programs)
	for _, name := range slices.Compact(slices.Sorted(slices.Values(foreign(string(composeFile), string(dockerfile))))) {
		repository, _, _ := strings.Cut(name, ":")
		s, ok := all[repository]
		if !ok {
			return fmt.Errorf("make images: nothing stands in for %s; known are %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
		}
		if err := p.do("image "+name, func() error { return b.buildStandIn(ctx, name, s) }); err != nil {
			return err
		}
	}
	for _, version := range []string{firstVersion, secondVersion} {
		if err := p.do("image click2call:"+version, func() error { return b.buildOurs(ctx, o.Root, version) }); err != nil {
			return err
		}
	}
	return os.RemoveAll(b.work)
}

// Lock holds the directory for one proof at a time.
func Lock(dir string) (release func(), err error) { return world.Lock(filepath.Join(dir, "lock")) }

// progress says what is being done and how long it took.
type progress struct{ out io.Writer }

func (p progress) do(what string, do func() error) error {
	began := time.Now()
	stop := p.tick(what, began)
	err := do()
	stop()
	took := time.Since(began).Round(100 * time.Millisecond)
	if err != nil {
		_, _ = fmt.Fprintf(p.out, "  WRONG %-46s %8s\n", what, took)
		return fmt.Errorf("%s: %w", what, err)
	}
	_, _ = fmt.Fprintf(p.out, "  ok    %-46s %8s\n", what, took)
	return nil
}

const (
	firstSign = 2 * time.Second
	nextSigns = 20 * time.Second
)

// tick says that something is still being done once it takes longer than two seconds, and then now and again.
func (p progress) tick(what string, began time.Time) (stop func()) {
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		wait := firstSign
		for {
			select {
			case <-done:
				return
			case <-time.After(wait):
				_, _ = fmt.Fprintf(p.out, "  …     %-46s %8s\n", what, time.Since(began).Round(time.Second))
				wait = nextSigns
			}
		}
	}()
	return func() { close(done); <-over }
}

var errNotRoot = errors.New("a Docker Engine and namespaces need root: run this as root")

// MustBeRoot says so when this process is not.
func MustBeRoot() error {
	if os.Geteuid() != 0 {
		return errNotRoot
	}
	return nil
}
