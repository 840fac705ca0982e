package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// FaultKind is why nothing can be dialed.
type FaultKind string

// The kinds of fault.
const (
	FaultTrunkUnknown FaultKind = "trunk_unknown" // LiveKit has no trunk with this id
	FaultTrunkLogin   FaultKind = "trunk_login"   // the carrier refuses the trunk's user name or password
	FaultNoSIPService FaultKind = "no_sip_service"
)

// FaultKinds are all of them.
func FaultKinds() []FaultKind {
	return []FaultKind{FaultTrunkUnknown, FaultTrunkLogin, FaultNoSIPService}
}

// A fault is certain after so many signs, the latest so long after the first: one sign may be a bad moment.
const (
	certainSigns = 2
	certainAfter = 3 * time.Second
)

// DialFault is what keeps calls from being dialed through one trunk, or through all.
type DialFault struct {
	TrunkID string // ours; empty: LiveKit's SIP service, which is every trunk's
	Kind    FaultKind
	Signs   int       // in a row
	Since   time.Time // the first of them
	SeenAt  time.Time // the latest
}

// Certain reports whether there were enough signs.
func (f DialFault) Certain() bool {
	return f.Signs >= certainSigns && f.SeenAt.Sub(f.Since) >= certainAfter
}

// faultFresh is how long a fault is believed after its latest sign.
const faultFresh = 5 * time.Minute

// Holds reports whether it is certain, and not long ago, that calls cannot be dialed.
func (f DialFault) Holds(now time.Time) bool { return f.Certain() && now.Sub(f.SeenAt) < faultFresh }

const selectFault = `SELECT subject, kind, signs, since, seen_at FROM dial_faults `

type faultRow struct {
	TrunkID string    `db:"subject"`
	Kind    FaultKind `db:"kind"`
	Signs   int       `db:"signs"`
	Since   stamp     `db:"since"`
	SeenAt  stamp     `db:"seen_at"`
}

func (r faultRow) fault() DialFault {
	return DialFault{TrunkID: r.TrunkID, Kind: r.Kind, Signs: r.Signs, Since: time.Time(r.Since), SeenAt: time.Time(r.SeenAt)}
}

// DialFaults returns what may keep calls from being dialed, certain or not, at most one of each trunk.
func (s *Store) DialFaults(ctx context.Context) ([]DialFault, error) {
	var rows []faultRow
	if err := s.list(ctx, s.read, &rows, selectFault+`ORDER BY subject LIMIT ?`, maxTrunks+1); err != nil {
		return nil, fmt.Errorf("list dial faults: %w", err)
	}
	faults := make([]DialFault, len(rows))
	for i, r := range rows {
		faults[i] = r.fault()
	}
	return faults, nil
}

// AddFaultSign notes one more sign of a fault; another kind than before begins anew. It returns the fault, and whether this
// sign made it certain: that is true once, whoever saw the sign.
func (s *Store) AddFaultSign(ctx context.Context, trunkID string, kind FaultKind, at time.Time) (f DialFault, news bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if _, err := s.exec(ctx, tx, `INSERT INTO dial_faults (subject, kind, signs, since, seen_at) VALUES (?, ?, 1, ?, ?)
			ON CONFLICT (subject) DO UPDATE SET
				signs = CASE WHEN dial_faults.kind = excluded.kind THEN dial_faults.signs + 1 ELSE 1 END,
				since = CASE WHEN dial_faults.kind = excluded.kind THEN dial_faults.since ELSE excluded.since END,
				told = dial_faults.told AND dial_faults.kind = excluded.kind,
				kind = excluded.kind, seen_at = excluded.seen_at`, trunkID, kind, stamp(at), stamp(at)); err != nil {
			return err
		}
		var row faultRow
		if err := s.get(ctx, tx, &row, selectFault+`WHERE subject = ?`, trunkID); err != nil {
			return err
		}
		if f = row.fault(); !f.Certain() {
			return nil
		}
		n, err := s.exec(ctx, tx, `UPDATE dial_faults SET told = ? WHERE subject = ? AND NOT told`, true, trunkID)
		news = n > 0
		return err
	})
	if err != nil {
		return DialFault{}, false, fmt.Errorf("note a dial fault: %w", err)
	}
	return f, news, nil
}

// EndFault forgets a trunk's fault of these kinds, or the SIP service's, because a sign says the opposite. It reports whether
// operators were told of the fault: that is true once. Idempotent.
func (s *Store) EndFault(ctx context.Context, trunkID string, kinds ...FaultKind) (told bool, err error) {
	query, args, err := sqlx.In(`DELETE FROM dial_faults WHERE subject = ? AND kind IN (?) RETURNING told`, trunkID, kinds)
	if err != nil {
		return false, fmt.Errorf("end a dial fault: %w", err)
	}
	var ended []bool
	if err := s.list(ctx, s.write, &ended, query, args...); err != nil {
		return false, fmt.Errorf("end a dial fault: %w", err)
	}
	return len(ended) > 0 && ended[0], nil
}
