package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	defaultReadyWithin = 60 * time.Second
	defaultStopGrace   = 10 * time.Second
	probeEvery         = 50 * time.Millisecond
)

// Spec says how a child program is started, how it is known to serve, and how it is asked to stop.
type Spec struct {
	Name       string // as people know it; begins error messages
	Path       string // of the program
	Args       []string
	Env        []string // the whole environment, nothing is inherited
	Dir        string
	LogFile    string              // standard output and error are appended here
	Listens    []Listen            // looked at before the start, so that a taken port is named
	Ready      Probe               // nil: ready once started
	ReadyIn    time.Duration       // 0: one minute
	StopSignal syscall.Signal      // 0: SIGTERM
	StopGrace  time.Duration       // until SIGKILL follows; 0: ten seconds
	KillSignal syscall.Signal      // what a crash is made with; 0: SIGKILL
	RunAs      *syscall.Credential // nil: as this process
}

// Probe returns nil once the server serves. It is asked again until then.
type Probe func(ctx context.Context) error

// Process is a child program. It leads a process group of its own, so that a Ctrl-C in the terminal reaches it
// only through us and in our order, and the kernel kills it when this process dies. Its methods may be
// called from any goroutine.
type Process struct {
	spec Spec

	mu  sync.Mutex // held for the whole of Start, Stop and Kill: they never overlap
	run *run       // the latest run; nil before the first
}

// run is one life of a Process.
type run struct {
	pid    int
	exited chan struct{} // closed after err is set
	err    error         // how it ended
}

// NewProcess prepares a child; Start starts it.
func NewProcess(spec Spec) *Process {
	if spec.ReadyIn == 0 {
		spec.ReadyIn = defaultReadyWithin
	}
	if spec.StopSignal == 0 {
		spec.StopSignal = syscall.SIGTERM
	}
	if spec.KillSignal == 0 {
		spec.KillSignal = syscall.SIGKILL
	}
	if spec.StopGrace == 0 {
		spec.StopGrace = defaultStopGrace
	}
	return &Process{spec: spec}
}

// Name is the program's name as in its Spec.
func (p *Process) Name() string { return p.spec.Name }

// LogFile is where the program's output goes.
func (p *Process) LogFile() string { return p.spec.LogFile }

// Tail is the last lines of the program's output, each on an indented line of its own, or "".
func (p *Process) Tail(lines int) string { return tail(p.spec.LogFile, lines) }

// Start starts the program and waits until it serves. It does nothing when the program runs already. The
// error of a program that did not come up ends with the last lines of its log; the program is stopped then.
func (p *Process) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run.alive() {
		return nil
	}
	if err := checkFree(p.spec.Name, p.spec.Listens); err != nil {
		return err
	}
	r, err := spawn(p.spec)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.spec.Name, err)
	}
	p.run = r
	if err := p.waitReady(ctx, r); err != nil {
		p.end(r, p.spec.KillSignal)
		return fmt.Errorf("start %s: %w (log %s)%s", p.spec.Name, err, p.spec.LogFile, tail(p.spec.LogFile, 8))
	}
	return nil
}

// Stop asks the program to end, insists with SIGKILL after its grace time, and returns when it is gone. It does
// nothing when the program does not run.
func (p *Process) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end(p.run, p.spec.StopSignal)
}

// Kill ends the program as a crash would and returns when it is gone.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end(p.run, p.spec.KillSignal)
}

// Restart stops the program if it runs and starts it with the same configuration and data.
func (p *Process) Restart(ctx context.Context) error {
	p.Stop()
	return p.Start(ctx)
}

// Pause freezes the program (SIGSTOP): its sockets stay open and nothing answers, as on a stalled machine.
func (p *Process) Pause() error { return p.signal(syscall.SIGSTOP) }

// Resume lets a paused program go on.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

// Signal sends any other signal to the program and the children in its group.
func (p *Process) Signal(sig syscall.Signal) error { return p.signal(sig) }

// PID is the id of the running program, 0 when it does not run.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.run.alive() {
		return 0
	}
	return p.run.pid
}

// Exited is closed when the current run of the program has ended, whoever ended it. It is nil, and blocks for
// ever, before the first Start.
func (p *Process) Exited() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		return nil
	}
	return p.run.exited
}

func (p *Process) signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.run.alive() {
		return fmt.Errorf("signal %s: it is not running; start it first", p.spec.Name)
	}
	if err := syscall.Kill(-p.run.pid, sig); err != nil {
		return fmt.Errorf("signal %s: %w", p.spec.Name, err)
	}
	return nil
}

// end sends sig, then SIGKILL after the grace time, and returns when the run is over. Failures to signal are
// left aside: the group is then gone already, and exited says so.
func (p *Process) end(r *run, sig syscall.Signal) {
	if !r.alive() {
		return
	}
	_ = syscall.Kill(-r.pid, sig)
	_ = syscall.Kill(-r.pid, syscall.SIGCONT) // a paused program would not see sig
	grace := time.NewTimer(p.spec.StopGrace)
	defer grace.Stop()
	select {
	case <-r.exited:
		return
	case <-grace.C:
	}
	_ = syscall.Kill(-r.pid, syscall.SIGKILL)
	<-r.exited
}

func (p *Process) waitReady(ctx context.Context, r *run) error {
	if p.spec.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.spec.ReadyIn,
		fmt.Errorf("not ready within %s", p.spec.ReadyIn))
	defer cancel()
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		err := p.spec.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-r.exited:
			return fmt.Errorf("exited before it was ready: %w", r.err)
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}

func (r *run) alive() bool {
	if r == nil {
		return false
	}
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}

// spawn starts the program from an OS thread that lives as long as the program does: Pdeathsig fires when the
// thread that forked ends, not when the process does (prctl(2), PR_SET_PDEATHSIG).
func spawn(spec Spec) (*run, error) {
	log, err := os.OpenFile(spec.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: spec.KillSignal, Credential: spec.RunAs}

	r := &run{exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		_ = log.Close() // the child has its own copy
		if err == nil {
			r.pid = cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		if err := cmd.Wait(); err != nil {
			r.err = err
		} else {
			r.err = errors.New("exit status 0")
		}
		close(r.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return r, nil
}
