package servers_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/servers"
)

// private prepares servers on ports of their own; tests start the ones that they are about.
func private(t *testing.T, postgres bool) (*servers.Servers, servers.Ports) {
	t.Helper()
	ports, release, err := servers.FreePorts()
	require.NoError(t, err)
	t.Cleanup(release)
	redis, err := exec.LookPath("redis-server")
	require.NoError(t, err)
	s, err := servers.New(servers.Config{
		Dir: t.TempDir(), Ports: ports, Postgres: postgres, Bin: servers.Binaries{Redis: redis},
		APIKey: "labkey", APISecret: strings.Repeat("s", 32), WebhookURL: "http://127.0.0.1:1/",
	})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s, ports
}

// redis sends one inline command and returns the reply's last line.
func redis(port int, command string) (string, error) {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(300 * time.Millisecond))
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	if strings.HasPrefix(line, "$") && err == nil {
		line, err = in.ReadString('\n')
	}
	return strings.TrimSpace(line), err
}

func TestRedisKeepsItsDataOverAKill(t *testing.T) {
	t.Parallel()
	s, ports := private(t, false)
	require.NoError(t, s.Redis.Start(t.Context()))
	got, err := redis(ports.Redis, "SET trunk ST_one")
	require.NoError(t, err)
	require.Equal(t, "+OK", got)

	s.Redis.Kill()
	_, err = redis(ports.Redis, "PING")
	require.Error(t, err)
	require.NoError(t, s.Redis.Start(t.Context()))
	got, err = redis(ports.Redis, "GET trunk")
	require.NoError(t, err)
	require.Equal(t, "ST_one", got)

	require.NoError(t, s.Redis.Pause())
	_, err = redis(ports.Redis, "PING")
	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout(), "a paused server takes connections and does not answer")
	require.NoError(t, s.Redis.Resume())
	require.Eventually(t, func() bool {
		pong, err := redis(ports.Redis, "PING")
		return err == nil && pong == "+PONG"
	}, 5*time.Second, 20*time.Millisecond)
}

func TestPostgresKeepsItsDataOverAKill(t *testing.T) {
	t.Parallel()
	s, _ := private(t, true)
	require.NoError(t, s.Postgres.Start(t.Context()))
	db, err := sql.Open("postgres", s.DatabaseURL())
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.ExecContext(t.Context(), `CREATE TABLE calls (id text)`)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `INSERT INTO calls VALUES ('c2c_one')`)
	require.NoError(t, err)

	for _, end := range []func(){s.Postgres.Kill, s.Postgres.Stop} {
		end()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		require.Error(t, db.PingContext(ctx))
		cancel()
		require.NoError(t, s.Postgres.Start(t.Context()))
		var id string
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT id FROM calls`).Scan(&id))
		require.Equal(t, "c2c_one", id)
	}
}

func TestReadOnlyPostgres(t *testing.T) {
	t.Parallel()
	s, _ := private(t, true)
	require.NoError(t, s.Postgres.Start(t.Context()))
	db, err := sql.Open("postgres", s.DatabaseURL())
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.ExecContext(t.Context(), `CREATE TABLE calls (id text)`)
	require.NoError(t, err)
	writes := func() bool {
		_, err := db.ExecContext(t.Context(), `INSERT INTO calls VALUES ('c2c_one')`)
		return err == nil
	}
	require.NoError(t, s.SetReadOnly(t.Context(), true))
	require.Eventually(t, func() bool { return !writes() }, 5*time.Second, 20*time.Millisecond, "sessions that were open, too")
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM calls`).Scan(&n), "it still reads")
	require.NoError(t, s.SetReadOnly(t.Context(), false))
	require.Eventually(t, writes, 5*time.Second, 20*time.Millisecond)
}

func TestCloseLeavesNothingOfPostgres(t *testing.T) {
	t.Parallel()
	s, _ := private(t, true)
	require.NoError(t, s.Postgres.Start(t.Context()))
	pid := s.Postgres.PID()
	dir, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	require.NoError(t, err)
	require.DirExists(t, dir)
	s.Close()
	require.True(t, gone(pid))
	require.NoDirExists(t, dir)
	s.Close()
}
