// Package postgres holds all SQL of the integrations module. It knows neither formats nor HTTP.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Store keeps imports, their files and what is known of pictures.
type Store struct {
	db *sqldb.DB
}

// New makes a store.
func New(db *sqldb.DB) *Store { return &Store{db: db} }

type importRow struct {
	ID            string         `db:"id"`
	Status        string         `db:"status"`
	Format        string         `db:"format"`
	Generation    string         `db:"generation"`
	DryRun        bool           `db:"dry_run"`
	Unknown       pq.StringArray `db:"unknown_columns"`
	Ignored       pq.StringArray `db:"ignored_columns"`
	Rows          int            `db:"rows"`
	Products      int            `db:"products"`
	Variants      int            `db:"variants"`
	Prices        int            `db:"prices"`
	Tracked       int            `db:"tracked"`
	Pictures      int            `db:"pictures"`
	Created       int            `db:"created"`
	Updated       int            `db:"updated"`
	Unchanged     int            `db:"unchanged"`
	Failed        int            `db:"failed"`
	FailureCode   string         `db:"failure_code"`
	FailureDetail string         `db:"failure_detail"`
	Version       int            `db:"version"`
	CreatedAt     time.Time      `db:"created_at"`
	FinishedAt    *time.Time     `db:"finished_at"`
}

func (r importRow) view() integrations.Import {
	found := integrations.Import{
		ID: r.ID, Status: r.Status, Format: r.Format, Generation: r.Generation, DryRun: r.DryRun,
		Summary: integrations.Summary{Rows: r.Rows, Products: r.Products, Variants: r.Variants, Prices: r.Prices, Tracked: r.Tracked,
			Pictures: r.Pictures, Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, Failed: r.Failed,
			UnknownColumns: r.Unknown, IgnoredColumns: r.Ignored},
		FailureCode: r.FailureCode, FailureDetail: r.FailureDetail, Version: r.Version, CreatedAt: r.CreatedAt.UTC(),
	}
	if r.FinishedAt != nil {
		at := r.FinishedAt.UTC()
		found.FinishedAt = &at
	}
	return found
}

// Import answers an import. Errors: integrations.ErrNotFound.
func (s *Store) Import(ctx context.Context, id string) (integrations.Import, error) {
	const query = `
		SELECT id, status, format, generation, dry_run, unknown_columns, ignored_columns, rows, products, variants, prices, tracked,
			pictures, created, updated, unchanged, failed, failure_code, failure_detail, version, created_at, finished_at
		FROM integrations.imports WHERE id = $1 AND status <> 'receiving'`
	var found importRow
	err := s.db.Get(ctx, &found, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return integrations.Import{}, integrations.ErrNotFound
	}
	if err != nil {
		return integrations.Import{}, fmt.Errorf("read import: %w", err)
	}
	return found.view(), nil
}

// Imports answers up to limit imports that are older than one, from new to old; "" stands for the newest.
func (s *Store) Imports(ctx context.Context, before string, limit int) ([]integrations.Import, error) {
	const query = `
		SELECT id, status, format, generation, dry_run, unknown_columns, ignored_columns, rows, products, variants, prices, tracked,
			pictures, created, updated, unchanged, failed, failure_code, failure_detail, version, created_at, finished_at
		FROM integrations.imports
		WHERE status <> 'receiving' AND ($1 = '' OR id < nullif($1, '')::uuid)
		ORDER BY id DESC LIMIT $2`
	var rows []importRow
	if err := s.db.Select(ctx, &rows, query, before, limit); err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	imports := make([]integrations.Import, len(rows))
	for i, row := range rows {
		imports[i] = row.view()
	}
	return imports, nil
}

// Count counts the imports that Imports lists.
func (s *Store) Count(ctx context.Context) (int64, error) {
	const query = `SELECT count(*) FROM integrations.imports WHERE status <> 'receiving'`
	var n int64
	if err := s.db.Get(ctx, &n, query); err != nil {
		return 0, fmt.Errorf("count imports: %w", err)
	}
	return n, nil
}

// Cancel ends an import where it stands. Errors: integrations.ErrNotFound, integrations.ErrEnded.
func (s *Store) Cancel(ctx context.Context, id string) (integrations.Import, error) {
	const query = `
		UPDATE integrations.imports SET status = 'canceled', finished_at = now(), updated_at = now(), version = version + 1
		WHERE id = $1 AND status IN ('queued', 'running')`
	changed, err := s.db.Exec(ctx, query, id)
	if err != nil {
		return integrations.Import{}, fmt.Errorf("cancel import: %w", err)
	}
	found, err := s.Import(ctx, id)
	if err == nil && changed == 0 {
		err = integrations.ErrEnded.Detailf("the import is %s", found.Status)
	}
	return found, err
}

// ErrorRow is a row error and where the list of an import's errors goes on after it.
type ErrorRow struct {
	integrations.RowError

	ID int64
}

// Errors answers up to limit errors of an import, in the order of the file, behind one.
func (s *Store) Errors(ctx context.Context, importID string, after int64, limit int) ([]ErrorRow, error) {
	const query = `
		SELECT id, line, column_name, code, message FROM integrations.import_errors
		WHERE import_id = $1 AND id > $2 ORDER BY id LIMIT $3`
	var rows []struct {
		ID      int64  `db:"id"`
		Line    int    `db:"line"`
		Column  string `db:"column_name"`
		Code    string `db:"code"`
		Message string `db:"message"`
	}
	if err := s.db.Select(ctx, &rows, query, importID, after, limit); err != nil {
		return nil, fmt.Errorf("read errors of import: %w", err)
	}
	found := make([]ErrorRow, len(rows))
	for i, r := range rows {
		found[i] = ErrorRow{integrations.RowError{Row: r.Line, Column: r.Column, Code: r.Code, Message: r.Message}, r.ID}
	}
	return found, nil
}
