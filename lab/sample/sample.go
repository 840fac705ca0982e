package sample

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// inOne is how many calls one transaction writes: the product that runs beside it waits for each.
const inOne = 500

// Options say what to write. The same options write the same rows, but for the ids of trunk and endpoint.
type Options struct {
	Database string    // the file of the product's SQLite database, migrated, with its first trunk
	Calls    int       // about so many
	Seed     uint64    // another one makes another month
	Until    time.Time // when the month ends
	Zone     *time.Location
}

// Fill writes the calls. It may run beside the product. It is not idempotent: the ids of a seed are written once.
func Fill(ctx context.Context, o Options) error {
	file := url.URL{Scheme: "file", Opaque: o.Database, RawQuery: "_pragma=busy_timeout(20000)&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)"}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		return fmt.Errorf("open the product's database: %w", err)
	}
	err = fill(ctx, db, o)
	if closeErr := db.Close(); closeErr != nil {
		err = errors.Join(err, fmt.Errorf("close the product's database: %w", closeErr))
	}
	return err
}

func fill(ctx context.Context, db *sql.DB, o Options) error {
	m := &month{random: rand.New(rand.NewPCG(o.Seed, 1)), until: o.Until, zone: o.Zone}
	if err := m.prepare(ctx, db); err != nil {
		return fmt.Errorf("prepare a sample: %w", err)
	}
	for some := range slices.Chunk(m.moments(o.Calls), inOne) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("write sample calls: %w", err)
		}
		for _, at := range some {
			c := m.call(at)
			if c.ended.After(m.until) {
				continue // it would be live, and no workflow stands behind it
			}
			if err = c.insert(ctx, tx); err != nil {
				break
			}
		}
		if err == nil {
			err = tx.Commit()
		} else {
			err = errors.Join(err, tx.Rollback())
		}
		if err != nil {
			return fmt.Errorf("write sample calls: %w", err)
		}
	}
	return nil
}

// month is what all calls of a sample share.
type month struct {
	random   *rand.Rand
	until    time.Time
	zone     *time.Location
	trunks   []trunk // the one with most calls first
	endpoint sql.NullString
}

type trunk struct{ id, did string }

// more are the trunks beside the first one.
var more = []struct{ label, prefix, did string }{
	{"Mumbai", "9122", "+912240004000"}, {"Delhi", "9111", "+911140004000"}, {"Chennai backup", "0044", "+914440004000"},
}

// prepare reads the first trunk and the endpoint, and adds trunks beside the first.
func (m *month) prepare(ctx context.Context, db *sql.DB) error {
	var first trunk
	var livekit string
	if err := db.QueryRowContext(ctx, `SELECT trunk_id, default_did, livekit_trunk_id FROM trunks WHERE is_default`).Scan(&first.id, &first.did, &livekit); err != nil {
		return fmt.Errorf("read the first trunk: %w", err)
	}
	m.trunks = []trunk{first}
	for i, t := range more {
		at := m.until.AddDate(0, 0, -40+i).UnixMicro()
		id := fmt.Sprintf("trunk_SAMPLE%d", i+1)
		_, err := db.ExecContext(ctx, `INSERT INTO trunks (trunk_id, label, livekit_trunk_id, prefix, default_did, is_default, enabled, position, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`, id, t.label, livekit, t.prefix, t.did, i < 2, 10+i, at, at)
		if err != nil {
			return fmt.Errorf("add trunk %s: %w", t.label, err)
		}
		m.trunks = append(m.trunks, trunk{id: id, did: t.did})
	}
	err := db.QueryRowContext(ctx, `SELECT endpoint_id FROM endpoints WHERE is_default`).Scan(&m.endpoint)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the endpoint: %w", err)
	}
	return nil
}

// busy is how much of a day's work each hour has, from midnight on.
var busy = [24]int{0, 0, 0, 0, 0, 0, 0, 0, 2, 8, 12, 13, 11, 6, 9, 12, 12, 10, 6, 2, 1, 0, 0, 0}

// moments are when calls begin, oldest first: in office hours, little on Saturday and nothing on Sunday.
func (m *month) moments(calls int) []time.Time {
	var slots []time.Time
	for day := 30; day >= 0; day-- {
		year, month, date := m.until.In(m.zone).AddDate(0, 0, -day).Date()
		for hour, weight := range busy {
			at := time.Date(year, month, date, hour, 0, 0, 0, m.zone)
			switch at.Weekday() {
			case time.Sunday:
				weight = 0
			case time.Saturday:
				weight /= 3
			default:
			}
			slots = append(slots, slices.Repeat([]time.Time{at}, weight)...)
		}
	}
	var all []time.Time
	for range calls {
		at := slots[m.random.IntN(len(slots))].Add(time.Duration(m.random.Int64N(int64(time.Hour))))
		if at.Before(m.until) {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}
