package store

import "time"

// Pool says how many PostgreSQL sessions a process may hold, for how long, and how long one statement may take. All processes together
// must stay below the server's max_connections.
type Pool struct {
	Connections int           // open at once, at most; whoever needs one more waits
	Lifetime    time.Duration // after which a session is not used again
	Idle        time.Duration // after which a session that nobody uses is closed
	// Statement bounds one statement or one transaction.
	Statement time.Duration
}

// DefaultPool lets four processes be served by a PostgreSQL as it comes, which takes 100 sessions. The time for a statement is longer
// than SQLite's wait for another process's lock, so that the wait ends with a clear error and not with a cancelled context; on SQLite
// it is always this one.
func DefaultPool() Pool {
	return Pool{Connections: 20, Lifetime: 30 * time.Minute, Idle: 5 * time.Minute, Statement: 10 * time.Second}
}

// WithPool limits the sessions of a PostgreSQL store. SQLite knows no sessions.
func WithPool(p Pool) Option { return func(s *Store) { s.target.pool = p } }
