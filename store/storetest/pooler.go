package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const poolerReady = "process up"

// PoolMode is what a PgBouncer gives its clients of a server: a session each, or one for each transaction.
type PoolMode string

// The modes that the product is to work with.
const (
	PoolSession     PoolMode = "session"
	PoolTransaction PoolMode = "transaction"
)

// Pooler is a PgBouncer before a cluster, as its package configures it: it refuses parameters of sessions that it does not know.
// In transaction mode it takes the servers' sessions in turn, so that what one leaves behind is met by others. It dies with the
// test process.
type Pooler struct {
	folder  string
	process *exec.Cmd
	exited  chan error
}

// StartPooler starts a PgBouncer before a cluster. Close it when done.
func StartPooler(ctx context.Context, c *Cluster, mode PoolMode) (*Pooler, error) {
	program, err := findPooler()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "c2c-pgb-") // short: a socket's path has at most 107 characters
	if err != nil {
		return nil, err
	}
	p := &Pooler{folder: folder, exited: make(chan error, 1)}
	if err := p.configure(c, mode); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	p.process = exec.Command(program, filepath.Join(folder, "pgbouncer.ini"))
	p.process.Dir = folder
	p.process.SysProcAttr = &syscall.SysProcAttr{Credential: c.credential, Pdeathsig: syscall.SIGTERM}
	if err := p.start(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return p, nil
}

func findPooler() (string, error) {
	if path, err := exec.LookPath("pgbouncer"); err == nil {
		return path, nil
	}
	const debian = "/usr/sbin/pgbouncer"
	if _, err := os.Stat(debian); err != nil {
		return "", errors.New("PgBouncer is neither in the PATH nor in /usr/sbin: apt-get install pgbouncer")
	}
	return debian, nil
}

// configure keeps few sessions for each database and not for long: there are as many databases as tests.
func (p *Pooler) configure(c *Cluster, mode PoolMode) error {
	settings := fmt.Sprintf(`[databases]
* = host=%s user=%s
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = %s
auth_type = any
pool_mode = %s
max_client_conn = 2000
default_pool_size = %d
server_idle_timeout = 2
server_round_robin = 1
`, c.folder, superuser, p.folder, mode, map[PoolMode]int{PoolSession: 25, PoolTransaction: 5}[mode])
	if err := os.WriteFile(filepath.Join(p.folder, "pgbouncer.ini"), []byte(settings), 0o600); err != nil {
		return err
	}
	if c.credential == nil {
		return nil
	}
	uid, gid := int(c.credential.Uid), int(c.credential.Gid)
	return errors.Join(os.Chown(p.folder, uid, gid), os.Chown(filepath.Join(p.folder, "pgbouncer.ini"), uid, gid))
}

func (p *Pooler) start(ctx context.Context) error {
	stderr, err := p.process.StderrPipe()
	if err != nil {
		return err
	}
	started, ready := make(chan error, 1), make(chan error, 1)
	go func() {
		// See Cluster.Resume: the death signal comes when this thread ends.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.process.Start()
		started <- err
		if err == nil {
			watchLog(bufio.NewScanner(stderr), poolerReady, ready)
			p.exited <- p.process.Wait()
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start pgbouncer: %w", err)
	}
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for pgbouncer: %w", ctx.Err())
	}
}

// URL is a URL of a cluster's database, by way of the pooler.
func (p *Pooler) URL(of string) (string, error) {
	u, err := url.Parse(of)
	if err != nil {
		return "", err
	}
	return "postgres://" + superuser + "@/" + strings.TrimPrefix(u.Path, "/") + "?" +
		url.Values{"host": {p.folder}, "port": {"6432"}, "sslmode": {"disable"}}.Encode(), nil
}

// Close stops the pooler, and its clients' connections with it.
func (p *Pooler) Close() error {
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop pgbouncer: %w", err)
	}
	select {
	case err := <-p.exited:
		if _, told := errors.AsType[*exec.ExitError](err); told { // PgBouncer that is told to stop at once ends with 1
			err = nil
		}
		return errors.Join(err, os.RemoveAll(p.folder))
	case <-time.After(stopTimeout):
		return fmt.Errorf("pgbouncer did not stop in %s: %w", stopTimeout, p.process.Process.Kill())
	}
}
