package storetest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
)

const (
	superuser   = "postgres"
	stopTimeout = 20 * time.Second
	readyLine   = "database system is ready to accept" // "connections", or "read-only connections"
)

// Cluster is a private PostgreSQL server on a Unix socket in a temporary folder. It dies with the test process, whatever
// kills that (its folder then stays behind in the temporary directory).
type Cluster struct {
	binaries   string
	folder     string
	credential *syscall.Credential // nil: run it as ourselves
	process    *exec.Cmd           // nil while stopped
	exited     chan error
}

// Start creates a cluster and starts it. Close it when done. It has to run as another user than root (PostgreSQL
// refuses root): as root it takes the user postgres, which Debian's package makes.
func Start(ctx context.Context) (*Cluster, error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	credential, err := dropRoot()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "c2c-pg-") // short: a socket's path has at most 107 characters
	if err != nil {
		return nil, err
	}
	c := &Cluster{binaries: binaries, folder: folder, credential: credential}
	if err := c.create(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := c.Resume(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// findBinaries prefers the newest of Debian's versions, then the PATH.
func findBinaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		version := func(path string) int {
			n, _ := strconv.Atoi(strings.Split(path, "/")[4])
			return n
		}
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("PostgreSQL's initdb is neither in /usr/lib/postgresql/*/bin nor in the PATH: apt-get install postgresql")
	}
	return filepath.Dir(path), nil
}

func dropRoot() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(superuser)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user to run it as: apt-get install postgresql: %w", err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func (c *Cluster) create(ctx context.Context) error {
	if c.credential != nil {
		if err := os.Chown(c.folder, int(c.credential.Uid), int(c.credential.Gid)); err != nil {
			return err
		}
	}
	initdb := exec.CommandContext(ctx, filepath.Join(c.binaries, "initdb"), "--pgdata="+c.data(), "--username="+superuser,
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.Dir = c.folder
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: c.credential}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("run initdb: %w: %s", err, out)
	}
	return nil
}

func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }

// Resume starts the server again after Stop, with the same data and URL.
func (c *Cluster) Resume(ctx context.Context) error {
	c.process = exec.Command(filepath.Join(c.binaries, "postgres"), "-D", c.data(), "-k", c.folder, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=400",
		"-c", "shared_buffers=32MB", "-c", "log_min_messages=warning")
	c.process.Dir = c.folder
	// SIGQUIT is PostgreSQL's immediate shutdown: the server takes its children along.
	c.process.SysProcAttr = &syscall.SysProcAttr{Credential: c.credential, Pdeathsig: syscall.SIGQUIT}
	stderr, err := c.process.StderrPipe()
	if err != nil {
		return err
	}
	started, ready := make(chan error, 1), make(chan error, 1)
	c.exited = make(chan error, 1)
	go func() {
		// The death signal comes when the thread that started the server ends: keep that thread until the server has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.process.Start()
		started <- err
		if err == nil {
			watchLog(bufio.NewScanner(stderr), readyLine, ready)
			c.exited <- c.process.Wait()
		}
	}()
	if err := <-started; err != nil {
		c.process = nil
		return fmt.Errorf("start postgres: %w", err)
	}
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for postgres: %w", ctx.Err())
	}
}

// watchLog reads the server's log to its end, so that the server never blocks on it, and reports readiness.
func watchLog(log *bufio.Scanner, readyLine string, ready chan<- error) {
	var head []string
	reported := false
	for log.Scan() {
		if reported {
			continue
		}
		head = append(head, log.Text())
		if strings.Contains(log.Text(), readyLine) {
			ready <- nil
			reported, head = true, nil
		}
	}
	if !reported {
		ready <- fmt.Errorf("it ended before it was ready: %s", strings.Join(head, "\n"))
	}
}

// URL returns the URL of one of the cluster's databases.
func (c *Cluster) URL(database string) string {
	return "postgres://" + superuser + "@/" + database + "?" +
		url.Values{"host": {c.folder}, "sslmode": {"disable"}}.Encode()
}

// Exec runs one statement as the superuser, in the database postgres.
func (c *Cluster) Exec(ctx context.Context, statement string) (err error) {
	db, err := sql.Open("postgres", c.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("run %q: %w", statement, err)
	}
	return nil
}

// Stop ends the server at once and its connections with it. The data stays, as after a crash of the program.
func (c *Cluster) Stop() error {
	if c.process == nil {
		return nil
	}
	if err := c.process.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop postgres: %w", err)
	}
	select {
	case err := <-c.exited:
		c.process = nil
		return err
	case <-time.After(stopTimeout):
		return fmt.Errorf("postgres did not stop in %s: %w", stopTimeout, c.process.Process.Kill())
	}
}

// Demote restarts the server as a standby: it answers reads and refuses writes, until somebody runs SELECT pg_promote().
func (c *Cluster) Demote(ctx context.Context) error {
	if err := c.Stop(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.data(), "standby.signal"), nil, 0o644); err != nil { // the server only looks whether it is there
		return err
	}
	return c.Resume(ctx)
}

// Freeze stops every process of the server where it stands: connections stay open and nobody answers. Thaw undoes it.
func (c *Cluster) Freeze() error { return c.signalAll(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (c *Cluster) Thaw() error { return c.signalAll(syscall.SIGCONT) }

// signalAll signals the server and then its children, which serve the connections.
func (c *Cluster) signalAll(signal syscall.Signal) error {
	pid := c.process.Process.Pid
	if err := syscall.Kill(pid, signal); err != nil {
		return fmt.Errorf("signal postgres: %w", err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return fmt.Errorf("list the processes of postgres: %w", err)
	}
	for _, child := range strings.Fields(string(children)) {
		n, err := strconv.Atoi(child)
		if err != nil {
			return err
		}
		if err := syscall.Kill(n, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal postgres: %w", err)
		}
	}
	return nil
}

// Close stops the server and deletes its data.
func (c *Cluster) Close() error { return errors.Join(c.Stop(), os.RemoveAll(c.folder)) }
