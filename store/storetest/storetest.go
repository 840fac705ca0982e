package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

const template = "click2call_template"

// shared is the test process's cluster. It is the one global here: tests of a package share a process, and a cluster
// takes a second to start.
var shared struct {
	once     sync.Once
	managed  atomic.Bool // Main runs and will stop it
	cluster  *Cluster
	err      error
	creating sync.Mutex // PostgreSQL copies a template for one database at a time
	poolers  map[PoolMode]*Pooler
	count    atomic.Int64
}

// Main runs a package's tests and stops the shared PostgreSQL cluster after them. Use it in TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
func Main(m *testing.M) (code int) {
	shared.managed.Store(true)
	defer func() {
		if shared.cluster == nil {
			return
		}
		for _, p := range shared.poolers {
			if err := p.Close(); err != nil {
				fmt.Fprintln(os.Stderr, "stop the test pooler:", err)
				code = 1
			}
		}
		if err := shared.cluster.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "stop the test cluster:", err)
			code = 1
		}
	}()
	return m.Run()
}

// Key is the secret key of every database here.
func Key() store.Key { return store.Key([]byte("a key for tests, 32 bytes long!!")) }

// PostgresURL returns the URL of a fresh PostgreSQL database with all tables.
func PostgresURL(t testing.TB) string { return createDatabase(t, template) }

// EmptyPostgresURL returns the URL of a fresh PostgreSQL database without any table.
func EmptyPostgresURL(t testing.TB) string { return createDatabase(t, "template0") }

// EmptySQLiteURL returns the URL of a SQLite file that does not exist yet.
func EmptySQLiteURL(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "click2call.db")
}

// Postgres returns a store on a fresh PostgreSQL database with all tables. It is closed when the test ends.
func Postgres(t testing.TB) *store.Store { return Open(t, PostgresURL(t)) }

// Pooled returns the URL of a database of [PostgresURL] or [EmptyPostgresURL] by way of a PgBouncer that the process shares.
func Pooled(t testing.TB, url string, mode PoolMode) string {
	t.Helper()
	shared.creating.Lock()
	defer shared.creating.Unlock()
	if shared.poolers[mode] == nil {
		p, err := StartPooler(t.Context(), shared.cluster, mode)
		require.NoError(t, err)
		if shared.poolers == nil {
			shared.poolers = map[PoolMode]*Pooler{}
		}
		shared.poolers[mode] = p
	}
	pooled, err := shared.poolers[mode].URL(url)
	require.NoError(t, err)
	return pooled
}

// SQLite returns a store on a fresh SQLite file with all tables. It is closed when the test ends.
func SQLite(t testing.TB) *store.Store {
	s := Open(t, EmptySQLiteURL(t))
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// Open opens a store with [Key]. It is closed when the test ends.
func Open(t testing.TB, url string) *store.Store {
	s, err := store.Open(t.Context(), url, Key())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Exec runs one statement in the database at url, beside the store.
func Exec(t testing.TB, url, statement string) {
	t.Helper()
	driver, source := "postgres", url
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", file
	}
	db, err := sql.Open(driver, source)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
}

func createDatabase(t testing.TB, from string) string {
	t.Helper()
	require.True(t, shared.managed.Load(),
		"nobody would stop PostgreSQL: add `func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }` to this package's tests")
	shared.once.Do(startShared)
	require.NoError(t, shared.err, "tests need PostgreSQL's server binaries: apt-get install postgresql")
	shared.creating.Lock()
	defer shared.creating.Unlock()
	name := fmt.Sprintf("test_%d", shared.count.Add(1))
	require.NoError(t, shared.cluster.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+from))
	return shared.cluster.URL(name)
}

func startShared() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if shared.cluster, shared.err = Start(ctx); shared.err != nil {
		return
	}
	shared.err = makeTemplate(ctx, shared.cluster)
}

func makeTemplate(ctx context.Context, c *Cluster) error {
	if err := c.Exec(ctx, "CREATE DATABASE "+template); err != nil {
		return err
	}
	s, err := store.Open(ctx, c.URL(template), Key())
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Close()
}

// DatabaseFiles returns the path of the file behind a SQLite URL and of those that SQLite keeps beside it.
func DatabaseFiles(t testing.TB, url string) []string {
	path, ok := strings.CutPrefix(url, "sqlite:")
	require.True(t, ok, "not a SQLite URL")
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	return files
}
