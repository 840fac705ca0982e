package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	receiverTokenPrefix = "rcv_"
	maxReceiverToken    = 128 // bytes
	// maxReceiverLinks are open at a time, for one endpoint.
	maxReceiverLinks = 20
	// ReceiverLinkMost is how long a link lasts at most.
	ReceiverLinkMost = 90 * 24 * time.Hour
	// receiverLinkKept is how long a link that opens nothing any more is shown.
	receiverLinkKept = 90 * 24 * time.Hour
)

// ReceiverLink lets a receiver's developer look at one endpoint without a login. The token in it is not kept, only its SHA-256.
type ReceiverLink struct {
	ID         string
	EndpointID string
	Name       string // whose it is
	CreatedBy  string // the user's name
	CreatedAt  time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time // right to a minute
}

// Opens reports whether the link is good at a moment.
func (l ReceiverLink) Opens(at time.Time) bool { return l.RevokedAt == nil && at.Before(l.ExpiresAt) }

type receiverLinkRow struct {
	ID         string `db:"link_id"`
	EndpointID string `db:"endpoint_id"`
	Name       string `db:"name"`
	Hash       []byte `db:"token_hash"`
	CreatedBy  string `db:"created_by"`
	CreatedAt  stamp  `db:"created_at"`
	ExpiresAt  stamp  `db:"expires_at"`
	RevokedAt  *stamp `db:"revoked_at"`
	LastUsedAt *stamp `db:"last_used_at"`
}

const selectReceiverLink = `SELECT link_id, endpoint_id, name, token_hash, created_by, created_at, expires_at, revoked_at, last_used_at FROM receiver_links `

func (r receiverLinkRow) link() ReceiverLink {
	return ReceiverLink{
		ID: r.ID, EndpointID: r.EndpointID, Name: r.Name, CreatedBy: r.CreatedBy, CreatedAt: time.Time(r.CreatedAt),
		ExpiresAt: time.Time(r.ExpiresAt), RevokedAt: r.RevokedAt.time(), LastUsedAt: r.LastUsedAt.time(),
	}
}

// AddReceiverLink makes a link to an endpoint, which lasts for a while, and returns its token: it can be had only here. ErrNotFound when
// there is no such endpoint, ErrConflict when it has 20 links already, ErrInvalid for a name or a time that cannot be used.
func (s *Store) AddReceiverLink(ctx context.Context, endpointID, name, by string, lasts time.Duration) (link ReceiverLink, token string, err error) {
	if name == "" || len(name) > maxLabel {
		return link, "", fmt.Errorf("add receiver link: %w", invalid("name must have 1 to %d characters", maxLabel))
	}
	if lasts <= 0 || lasts > ReceiverLinkMost {
		return link, "", fmt.Errorf("add receiver link: %w", invalid("a link lasts 1 to %d days", int(ReceiverLinkMost.Hours()/24)))
	}
	token = receiverTokenPrefix + rand.Text()
	hash, at := sha256.Sum256([]byte(token)), time.Now()
	row := receiverLinkRow{ID: "rl_" + rand.Text(), EndpointID: endpointID, Name: name, CreatedBy: clip(by, maxLabel), CreatedAt: stamp(at), ExpiresAt: stamp(at.Add(lasts))}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "receiver_links"); err != nil {
			return err
		}
		if _, err := s.readEndpoint(ctx, tx, `WHERE endpoint_id = ? AND removed_at IS NULL`, endpointID); err != nil {
			return err
		}
		gone := stamp(at.Add(-receiverLinkKept))
		if _, err := s.exec(ctx, tx, `DELETE FROM receiver_links WHERE expires_at < ? OR revoked_at < ?`, gone, gone); err != nil {
			return err
		}
		var open struct {
			N int `db:"n"`
		}
		if err := s.get(ctx, tx, &open, `SELECT count(*) AS n FROM receiver_links WHERE endpoint_id = ? AND revoked_at IS NULL AND expires_at > ?`, endpointID, stamp(at)); err != nil {
			return err
		}
		if open.N >= maxReceiverLinks {
			return fmt.Errorf("%w: the endpoint has %d links already", ErrConflict, maxReceiverLinks)
		}
		_, err := s.exec(ctx, tx, `INSERT INTO receiver_links (link_id, endpoint_id, name, token_hash, created_by, created_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, row.ID, row.EndpointID, row.Name, hash[:], row.CreatedBy, row.CreatedAt, row.ExpiresAt)
		return err
	})
	if err != nil {
		return ReceiverLink{}, "", fmt.Errorf("add receiver link: %w", err)
	}
	return row.link(), token, nil
}

// ReceiverLinks returns an endpoint's links, newest first, at most 200: those that open nothing any more, too, for 90 days.
func (s *Store) ReceiverLinks(ctx context.Context, endpointID string) ([]ReceiverLink, error) {
	var rows []receiverLinkRow
	err := s.list(ctx, s.read, &rows, selectReceiverLink+`WHERE endpoint_id = ? ORDER BY created_at DESC, link_id LIMIT ?`, endpointID, maxPage)
	if err != nil {
		return nil, fmt.Errorf("list receiver links: %w", err)
	}
	links := make([]ReceiverLink, len(rows))
	for i, r := range rows {
		links[i] = r.link()
	}
	return links, nil
}

// CheckReceiverToken returns the link that a token opens; ErrNotFound when it is unknown, over or revoked, or its
// endpoint was removed. The lookup is by SHA-256,
// and what it finds is compared in constant time.
func (s *Store) CheckReceiverToken(ctx context.Context, token string) (ReceiverLink, error) {
	if !strings.HasPrefix(token, receiverTokenPrefix) || len(token) > maxReceiverToken {
		return ReceiverLink{}, fmt.Errorf("check receiver token: %w", ErrNotFound)
	}
	hash := sha256.Sum256([]byte(token))
	var row receiverLinkRow
	if err := s.get(ctx, s.read, &row, selectReceiverLink+`WHERE token_hash = ? AND endpoint_id IN (SELECT endpoint_id FROM endpoints WHERE removed_at IS NULL)`, hash[:]); err != nil {
		return ReceiverLink{}, fmt.Errorf("check receiver token: %w", err)
	}
	link, at := row.link(), time.Now()
	if subtle.ConstantTimeCompare(row.Hash, hash[:]) != 1 || !link.Opens(at) {
		return ReceiverLink{}, fmt.Errorf("check receiver token: %w", ErrNotFound)
	}
	if link.LastUsedAt == nil || at.Sub(*link.LastUsedAt) >= lastUsedEvery {
		// The token is good whether or not its use can be noted, so a failure here is not the developer's.
		_, _ = s.exec(ctx, s.write, `UPDATE receiver_links SET last_used_at = ? WHERE link_id = ?`, stamp(at), link.ID)
	}
	return link, nil
}

// RevokeReceiverLink makes a link of an endpoint useless at once. Idempotent: the first moment stays. ErrNotFound when there is none.
func (s *Store) RevokeReceiverLink(ctx context.Context, endpointID, linkID string) error {
	n, err := s.exec(ctx, s.write, `UPDATE receiver_links SET revoked_at = COALESCE(revoked_at, ?) WHERE link_id = ? AND endpoint_id = ?`, now(), linkID, endpointID)
	return found(n, err, "revoke receiver link", linkID)
}
