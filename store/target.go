package store

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

type dialect string

const (
	dialectPostgres dialect = "postgres"
	dialectSQLite   dialect = "sqlite3" // the name by which sqlx and goose know it
)

const (
	busyTimeout      = 8 * time.Second // SQLite's wait for another process's lock
	maxSQLiteReaders = 4
)

// target is a parsed database URL.
type target struct {
	dialect dialect
	path    string    // SQLite
	config  pq.Config // PostgreSQL
	pool    Pool
}

// parseTarget never repeats the URL in an error: it may hold a password.
func parseTarget(databaseURL string) (target, error) {
	if path, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
		return sqliteTarget(path)
	}
	if !strings.HasPrefix(databaseURL, "postgres://") && !strings.HasPrefix(databaseURL, "postgresql://") {
		return target{}, errors.New("the database URL must begin with sqlite: or postgres://, for example sqlite:click2call.db")
	}
	u, err := url.Parse(databaseURL)
	if err != nil || (u.Host == "" && u.Query().Get("host") == "") {
		return target{}, errors.New("the database URL is not of the form postgres://user:password@host:5432/name: percent-encode special characters")
	}
	config, err := pq.NewConfig(databaseURL)
	if err != nil {
		return target{}, fmt.Errorf("read the parameters of the database URL: %w", redact(err, databaseURL, u))
	}
	return target{dialect: dialectPostgres, config: withDefaults(config)}, nil
}

func redact(err error, databaseURL string, u *url.URL) error {
	password, _ := u.User.Password()
	if strings.Contains(err.Error(), databaseURL) || (password != "" && strings.Contains(err.Error(), password)) {
		return errors.New("one of them is not understood")
	}
	return err
}

func sqliteTarget(path string) (target, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.ContainsAny(path, "?#%") {
		return target{}, errors.New("the database URL must name a file, such as sqlite:click2call.db, without any of ? # %")
	}
	path = strings.TrimPrefix(path, "//") // sqlite:///abs is another common way to write sqlite:/abs
	absolute, err := filepath.Abs(path)
	if err != nil {
		return target{}, fmt.Errorf("find the SQLite file: %w", err)
	}
	return target{dialect: dialectSQLite, path: absolute}, nil
}

func (t target) pools() (read, write *sqlx.DB, err error) {
	if t.dialect == dialectPostgres {
		db, err := t.openPostgres(t.pool.Statement, t.transactionLimits(t.pool.Statement))
		return db, db, err
	}
	if err := createPrivately(t.path); err != nil {
		return nil, nil, err
	}
	if write, err = t.openSQLite(1); err != nil {
		return nil, nil, err
	}
	if read, err = t.openSQLite(maxSQLiteReaders); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	return read, write, nil
}

// createPrivately makes the file before SQLite does: it will hold phone numbers, and SQLite would let others read it.
func createPrivately(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("create the SQLite file: %w", err)
	}
	return f.Close()
}

// openSQLite keeps synchronous=FULL: an outcome that we said is recorded must survive a power cut.
func (t target) openSQLite(conns int) (*sqlx.DB, error) {
	options := url.Values{
		"_busy_timeout":        {fmt.Sprint(busyTimeout.Milliseconds())},
		"_journal_mode":        {"WAL"},
		"_synchronous":         {"FULL"},
		"_foreign_keys":        {"on"},
		"_txlock":              {"immediate"},
		"_time_integer_format": {"unix_micro"},
		"_dqs":                 {"0"},
	}
	db, err := sqlx.Open("sqlite", t.path+"?"+options.Encode())
	if err != nil {
		return nil, fmt.Errorf("open the SQLite file: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return sqlx.NewDb(db.DB, string(dialectSQLite)), nil
}

// forUpdate ends a SELECT whose row nobody else may change until the transaction ends. SQLite's immediate transactions
// do that by themselves.
func (t target) forUpdate() string {
	if t.dialect == dialectPostgres {
		return " FOR UPDATE"
	}
	return ""
}

// forShare is forUpdate among several who only look.
func (t target) forShare() string {
	if t.dialect == dialectPostgres {
		return " FOR SHARE"
	}
	return ""
}

// forNoKeyUpdate is forUpdate that lets others refer to the row meanwhile: an outcome's delivery refers to its endpoint.
func (t target) forNoKeyUpdate() string {
	if t.dialect == dialectPostgres {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// skipLocked is forUpdate that passes over rows which somebody else is changing.
func (t target) skipLocked() string {
	if t.dialect == dialectPostgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}
