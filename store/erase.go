package store

import (
	"bytes"
	"context"
	"fmt"
	"regexp"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// Erased is what became of a customer's personal data.
type Erased struct {
	Calls int // that hold none of it any more
	Left  int // that are under way, or whose outcome has not arrived yet: erase again when they are done
}

type erasable struct {
	EventID string `db:"event_id"`
	Body    []byte `db:"body"`
}

// callsOf is where the calls of a number are: PostgreSQL has an index of the digits backwards.
func (s *Store) callsOf() string {
	if s.target.dialect == dialectPostgres {
		return `c.accepted_at IS NOT NULL AND reverse(c.customer_number) COLLATE "C" = reverse(?)`
	}
	return `c.accepted_at IS NOT NULL AND c.customer_number = ?`
}

// EraseCustomer takes a customer's personal data out of all calls of a number that are over and delivered: the number and the CRM's
// customer id, in the call and in its webhook's body, the timeline, and what the CRM answered. Agent, times, trunk and outcome stay, and
// with them every statistic. What limits remember of the number goes as well; an entry on a do-not-call list stays, for it is there to
// protect the customer. It works in small transactions: after an error, do it again. Idempotent.
func (s *Store) EraseCustomer(ctx context.Context, number string) (Erased, error) {
	var done Erased
	for {
		n, err := s.eraseSome(ctx, number)
		done.Calls += n
		if err != nil {
			return done, fmt.Errorf("erase a customer: %w", err)
		}
		if n < purgeBatch {
			break
		}
	}
	if err := s.get(ctx, s.read, &done.Left, `SELECT COUNT(*) FROM calls c WHERE `+s.callsOf(), number); err != nil {
		return done, fmt.Errorf("count what is left of a customer: %w", err)
	}
	hash, err := s.numberHash(ctx, number)
	if err != nil {
		return done, fmt.Errorf("erase a customer: %w", err)
	}
	if _, err := s.exec(ctx, s.write, `DELETE FROM dialed_numbers WHERE number_hash = ?`, hash); err != nil {
		return done, fmt.Errorf("forget the dials of a customer: %w", err)
	}
	return done, nil
}

func (s *Store) eraseSome(ctx context.Context, number string) (n int, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		var calls []call.ID
		err := s.list(ctx, tx, &calls, `SELECT c.call_id FROM calls c WHERE `+s.callsOf()+` AND c.call_status IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.call_id = c.call_id AND d.state IN ('pending', 'parked')) LIMIT ?`, number, purgeBatch)
		if err != nil {
			return err
		}
		for _, id := range calls {
			if err := s.eraseCall(ctx, tx, id, number); err != nil {
				return err
			}
		}
		n = len(calls)
		return nil
	})
	return n, err
}

func (s *Store) eraseCall(ctx context.Context, tx *sqlx.Tx, id call.ID, number string) error {
	type statement struct {
		text string
		args []any
	}
	statements := []statement{
		{`DELETE FROM call_timeline WHERE call_id = ?`, []any{id}},
		{`UPDATE calls SET customer_number = '', customer_crm_id = '' WHERE call_id = ?`, []any{id}},
	}
	var told []erasable
	if err := s.list(ctx, tx, &told, `SELECT event_id, body FROM deliveries WHERE call_id = ? LIMIT ?`, id, maxEndpoints+1); err != nil {
		return err
	}
	for _, e := range told {
		statements = append(statements, statement{`UPDATE deliveries SET body = ? WHERE event_id = ?`, []any{withoutCustomer(e.Body, number), e.EventID}},
			statement{`UPDATE delivery_attempts SET response_body = ` + s.target.noBytes() + `, response_headers = '{}' WHERE event_id = ?`, []any{e.EventID}})
	}
	for _, statement := range statements {
		if _, err := s.exec(ctx, tx, statement.text, statement.args...); err != nil {
			return err
		}
	}
	return nil
}

// crmID is a field of the webhook's body.
var crmID = regexp.MustCompile(`"customer_crm_id":"(?:[^"\\]|\\.)*"`)

// withoutCustomer is a webhook's body without the customer's number and the CRM's id of the customer.
func withoutCustomer(body []byte, number string) []byte {
	body = bytes.ReplaceAll(body, []byte(`"phone_to":"`+number+`"`), []byte(`"phone_to":""`))
	return crmID.ReplaceAll(body, []byte(`"customer_crm_id":""`))
}
