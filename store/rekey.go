package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

// sealedColumns are all columns that hold sealed values, with the key of their table.
var sealedColumns = []struct{ column, id string }{
	{keyCheckColumn, "key_check_id"},
	{liveKitSecretColumn, "settings_id"},
	{endpointKeyColumn, "endpoint_id"},
	{endpointSecretsColumn, "endpoint_id"},
	{endpointHeadersColumn, "endpoint_id"},
	{endpointTLSColumn, "endpoint_id"},
	{numberKeyColumn, "number_key_id"},
}

// Rekey seals every stored secret with another key, in one transaction, and says how many there were. Processes that were
// started with the old key cannot read them any more: stop them first. ErrWrongKey when the store was not opened with the key
// that the secrets are sealed with; then nothing has changed.
func (s *Store) Rekey(ctx context.Context, next Key) (sealed int, err error) {
	if next == (Key{}) || next == s.key {
		return 0, errors.New("rotate the secret key: the new key is empty, or the present one: make one with openssl rand -base64 32")
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		for _, c := range sealedColumns {
			n, err := s.rekeyColumn(ctx, tx, next, c.column, c.id)
			if err != nil {
				return err
			}
			sealed += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("rotate the secret key: %w", err)
	}
	return sealed, nil
}

func (s *Store) rekeyColumn(ctx context.Context, tx *sqlx.Tx, next Key, name, id string) (int, error) {
	table, column, _ := strings.Cut(name, ".")
	if err := s.lockTable(ctx, tx, table); err != nil {
		return 0, err
	}
	var rows []struct {
		ID     string `db:"id"`
		Sealed string `db:"sealed"`
	}
	// The names are this package's own. The tables have a row, or a few.
	err := s.list(ctx, tx, &rows, fmt.Sprintf(`SELECT CAST(%s AS text) AS id, %s AS sealed FROM %s WHERE %s <> ''`, id, column, table, column))
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		secret, err := s.key.open(name, r.Sealed)
		if err != nil {
			return 0, err
		}
		sealed, err := next.seal(name, secret)
		if err != nil {
			return 0, err
		}
		_, err = s.exec(ctx, tx, fmt.Sprintf(`UPDATE %s SET %s = ? WHERE CAST(%s AS text) = ?`, table, column, id), sealed, r.ID)
		if err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
