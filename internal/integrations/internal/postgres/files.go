package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Receive begins an import whose file is on its way.
func (s *Store) Receive(ctx context.Context, wanted integrations.Import) error {
	const query = `INSERT INTO integrations.imports (id, status, format, dry_run) VALUES ($1, 'receiving', $2, $3)`
	if _, err := s.db.Exec(ctx, query, wanted.ID, wanted.Format, wanted.DryRun); err != nil {
		return fmt.Errorf("begin import: %w", err)
	}
	return nil
}

// AddPiece stores a piece of a file that is being received, and shows that somebody still sends it.
// Errors: integrations.ErrNotFound when the import was given up meanwhile.
func (s *Store) AddPiece(ctx context.Context, importID string, number int, content []byte) error {
	const touch = `UPDATE integrations.imports SET updated_at = now(), file_bytes = file_bytes + $2 WHERE id = $1 AND status = 'receiving'`
	const insert = `INSERT INTO integrations.import_files (import_id, number, content) VALUES ($1, $2, $3)`
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		touched, err := tx.Exec(ctx, touch, importID, len(content))
		if err != nil {
			return fmt.Errorf("store piece %d of a file: %w", number, err)
		}
		if touched == 0 {
			return integrations.ErrNotFound
		}
		if _, err := tx.Exec(ctx, insert, importID, number, content); err != nil {
			return fmt.Errorf("store piece %d of a file: %w", number, err)
		}
		return nil
	})
}

// Piece reads a piece of a file. Errors: integrations.ErrNotFound behind the last one.
func (s *Store) Piece(ctx context.Context, importID string, number int) ([]byte, error) {
	const query = `SELECT content FROM integrations.import_files WHERE import_id = $1 AND number = $2`
	var content []byte
	err := s.db.Get(ctx, &content, query, importID, number)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, integrations.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read piece %d of a file: %w", number, err)
	}
	return content, nil
}

// Enqueue makes an import whose file is complete wait for its turn.
// Errors: integrations.ErrNotFound when the import was given up meanwhile.
func (s *Store) Enqueue(ctx context.Context, wanted integrations.Import) error {
	const query = `
		UPDATE integrations.imports SET status = 'queued', generation = $2, unknown_columns = $3, ignored_columns = $4, updated_at = now(),
			lease_until = now()
		WHERE id = $1 AND status = 'receiving'`
	changed, err := s.db.Exec(ctx, query, wanted.ID, wanted.Generation, pq.StringArray(sqldb.NotNull(wanted.Summary.UnknownColumns)),
		pq.StringArray(sqldb.NotNull(wanted.Summary.IgnoredColumns)))
	if err != nil {
		return fmt.Errorf("enqueue import: %w", err)
	}
	if changed == 0 {
		return integrations.ErrNotFound
	}
	return nil
}

// Abandon forgets an import whose file was refused or broke off; its pieces go with the next tidying.
func (s *Store) Abandon(ctx context.Context, importID string) error {
	const query = `UPDATE integrations.imports SET updated_at = '-infinity' WHERE id = $1 AND status = 'receiving'`
	if _, err := s.db.Exec(ctx, query, importID); err != nil {
		return fmt.Errorf("abandon import: %w", err)
	}
	return nil
}

// Tidy removes a part of what ended imports and files that nobody sends any more have left, and answers whether there is
// more.
func (s *Store) Tidy(ctx context.Context) (more bool, err error) {
	const find = `
		SELECT id FROM integrations.imports
		WHERE NOT is_tidy AND (finished_at IS NOT NULL OR status = 'receiving' AND updated_at < now() - interval '1 hour')
		ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`
	const pieces = `
		DELETE FROM integrations.import_files
		WHERE import_id = $1 AND number IN (SELECT number FROM integrations.import_files WHERE import_id = $1 LIMIT 64)`
	const names = `
		DELETE FROM integrations.import_names WHERE ctid = ANY (ARRAY (
			SELECT ctid FROM integrations.import_names WHERE import_id = $1 LIMIT 10000))`
	const forget = `DELETE FROM integrations.imports WHERE id = $1 AND status = 'receiving'`
	const finish = `UPDATE integrations.imports SET is_tidy = true WHERE id = $1`
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var id string
		if err := tx.Get(ctx, &id, find); err != nil {
			return err
		}
		more = true
		removed, err := tx.Exec(ctx, pieces, id)
		if err != nil || removed > 0 {
			return err
		}
		if removed, err = tx.Exec(ctx, names, id); err != nil || removed > 0 {
			return err
		}
		if removed, err = tx.Exec(ctx, forget, id); err != nil || removed > 0 {
			return err
		}
		_, err = tx.Exec(ctx, finish, id)
		return err
	})
	if errors.Is(err, sqldb.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("tidy up after imports: %w", err)
	}
	return more, nil
}
