package servers

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
)

const (
	postgresUser = "click2call"
	initdbWithin = 2 * time.Minute
)

// ErrNoPostgres says that PostgreSQL's programs are not on this machine.
var ErrNoPostgres = errors.New("PostgreSQL is not installed: apt-get install postgresql")

// cluster is a private PostgreSQL cluster. It lives in the temporary directory whatever the lab's directory is:
// initdb refuses to run as root, and the postgres user cannot reach into a home or a test's directory.
type cluster struct {
	bin      string // directory of initdb, postgres, pg_isready
	dir      string
	password string
	runAs    *syscall.Credential // nil: as this process
}

func newCluster() (*cluster, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, password: rand.Text()}
	if c.dir, err = os.MkdirTemp("", "click2call-pg-"); err != nil {
		return nil, fmt.Errorf("prepare PostgreSQL: %w", err)
	}
	if err := c.init(); err != nil {
		c.remove()
		return nil, fmt.Errorf("prepare PostgreSQL: %w", err)
	}
	return c, nil
}

// postgresBin finds the newest version's programs where Debian puts them; they are not on the PATH.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrNoPostgres
	}
	version := func(path string) int {
		v, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return v
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

func (c *cluster) init() error {
	pwfile := filepath.Join(c.dir, "password")
	if err := os.WriteFile(pwfile, []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		cred, err := credentialOf("postgres")
		if err != nil {
			return err
		}
		c.runAs = cred
		for _, path := range []string{c.dir, pwfile} {
			if err := os.Chown(path, int(cred.Uid), int(cred.Gid)); err != nil {
				return err
			}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), initdbWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), "-D", c.data(), "-U", postgresUser,
		"--auth=scram-sha-256", "--pwfile="+pwfile, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	cmd.Dir, cmd.Env = c.dir, baseEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.runAs}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("run initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func credentialOf(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("look up user %s, which PostgreSQL runs as: %w", name, err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) spec(cfg Config) Spec {
	port := strconv.Itoa(cfg.Ports.Postgres)
	return Spec{
		Name: "PostgreSQL",
		Path: filepath.Join(c.bin, "postgres"),
		// fsync off: what a test kills is the program, and the kernel keeps what that wrote.
		Args: []string{
			"-D", c.data(), "-p", port, "-h", "127.0.0.1", "-k", c.dir, "-c", "fsync=off", "-c", "max_connections=200",
		},
		Env:     baseEnv(),
		Dir:     c.dir,
		LogFile: cfg.log("postgres"),
		Listens: []Listen{{"tcp", cfg.Ports.Postgres}},
		Ready:   c.accepts(port),
		// "Fast shutdown": ends the sessions; SIGTERM waits for them (postgresql.org/docs/current/server-shutdown.html).
		StopSignal: syscall.SIGINT,
		// "Immediate shutdown": everything drops where it is, and the next start recovers, as after a crash. A SIGKILL
		// would leave the sessions' processes, which are in groups of their own, serving for a while.
		KillSignal: syscall.SIGQUIT,
		RunAs:      c.runAs,
	}
}

func (c *cluster) accepts(port string) Probe {
	return func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port, "-t", "2")
		cmd.Env = baseEnv()
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("run pg_isready: %w", err)
		}
		return nil
	}
}

func (c *cluster) url(port int) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/postgres?sslmode=disable", postgresUser, c.password, port)
}

// SetReadOnly has the private cluster refuse to write, in the sessions that are open as in new ones, or write again.
func (s *Servers) SetReadOnly(ctx context.Context, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	// This session may write, whatever the others may.
	db, err := sql.Open("postgres", s.DatabaseURL()+"&default_transaction_read_only=off")
	if err != nil {
		return fmt.Errorf("reach PostgreSQL: %w", err)
	}
	defer func() { _ = db.Close() }()
	value := "off"
	if on {
		value = "on"
	}
	for _, statement := range []string{"ALTER SYSTEM SET default_transaction_read_only = " + value, "SELECT pg_reload_conf()"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make PostgreSQL's sessions read-only (%s): %w", value, err)
		}
	}
	return nil
}

func (c *cluster) remove() { _ = os.RemoveAll(c.dir) }
