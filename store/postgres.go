package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

const connectTimeout = 3 * time.Second

// withDefaults fills in what the URL leaves open. Nothing here is a parameter of a session: a pooler such as PgBouncer
// refuses those that it does not know, or gives the session to somebody else.
func withDefaults(c pq.Config) pq.Config {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	if len(c.Multi) > 0 && c.TargetSessionAttrs == "" {
		c.TargetSessionAttrs = pq.TargetSessionAttrsReadWrite
	}
	// A statement and its values travel together. Apart, a pooler gives the second half to another session.
	c.BinaryParameters = true
	return c
}

// transactionLimits are statements at the beginning of a transaction that have the server end one that was forgotten, so
// that it holds no lock for ever: its process may be gone without a word. What the URL says counts.
func (t target) transactionLimits(statements time.Duration) string {
	var limits []string
	for _, l := range []struct {
		name string
		wait time.Duration
	}{{"statement_timeout", statements}, {"idle_in_transaction_session_timeout", 3 * statements}} {
		if _, ok := t.config.Runtime[l.name]; !ok {
			limits = append(limits, fmt.Sprintf("SET LOCAL %s = %d", l.name, l.wait.Milliseconds()))
		}
	}
	return strings.Join(limits, "; ")
}

// openPostgres opens a pool of sessions that see to themselves: see session. No statement takes longer than longest; the
// statements in begin are run at the beginning of each transaction.
func (t target) openPostgres(longest time.Duration, begin string) (*sqlx.DB, error) {
	driver, err := pq.NewConnectorConfig(t.config.Clone())
	if err != nil {
		return nil, fmt.Errorf("configure the PostgreSQL driver: %w", err)
	}
	driver.Dialer(boundedDialer{longestRead: longest + 2*time.Second})
	db := sqlx.NewDb(openDB(&sessions{Connector: driver, begin: begin}), string(dialectPostgres))
	db.SetMaxOpenConns(t.pool.Connections)
	db.SetMaxIdleConns(t.pool.Connections)
	db.SetConnMaxLifetime(t.pool.Lifetime)
	db.SetConnMaxIdleTime(t.pool.Idle)
	return db, nil
}
