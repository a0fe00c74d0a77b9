package postgres

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/integrations/internal/fetching"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// TakePictures implements fetching.Store.
func (s *Store) TakePictures(ctx context.Context, limit int) ([]fetching.Picture, error) {
	const query = `
		UPDATE integrations.pictures SET run_at = now() + make_interval(secs => $2), attempts = attempts + 1, updated_at = now()
		WHERE id IN (
			SELECT id FROM integrations.pictures WHERE status = 'waiting' AND run_at <= now()
			ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING id, product_id, url, attempts`
	var taken []fetching.Picture
	if err := s.db.Select(ctx, &taken, query, limit, fetching.Hold.Seconds()); err != nil {
		return nil, fmt.Errorf("take pictures: %w", err)
	}
	return taken, nil
}

// RecordPictures implements fetching.Store.
func (s *Store) RecordPictures(ctx context.Context, findings []fetching.Finding) error {
	const query = `
		UPDATE integrations.pictures p SET status = f.status, bytes = f.bytes, width = f.width, height = f.height,
			content_type = f.content_type, sha256 = f.sha256, failure = f.failure, run_at = now() + make_interval(secs => f.retry_in),
			updated_at = now()
		FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::bigint[])
			AS f (id, status, bytes, width, height, content_type, sha256, failure, retry_in)
		WHERE p.id = f.id`
	n := len(findings)
	id, size, width, height, retry := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	status, kind, sum, failure := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, f := range findings {
		id[i], status[i], size[i], width[i], height[i] = f.ID, f.Status, int64(f.Bytes), int64(f.Width), int64(f.Height)
		kind[i], sum[i], failure[i], retry[i] = f.ContentType, f.SHA256, f.Failure, int64(f.RetryIn.Seconds())
	}
	if _, err := s.db.Exec(ctx, query, id, status, size, width, height, kind, sum, failure, retry); err != nil {
		return fmt.Errorf("record pictures: %w", err)
	}
	return nil
}

// Verify looks for broken promises of the module in its own schema.
func Verify(ctx context.Context, db *sqldb.DB) ([]invariant.Violation, error) {
	return invariant.Check(ctx, db,
		invariant.Query{Name: "INV-I1 products of an import do not add up", SQL: `
SELECT 'import ' || id FROM integrations.imports WHERE products <> created + updated + unchanged`},
		invariant.Query{Name: "INV-I2 rows that failed without a reason", SQL: `
SELECT 'import ' || i.id FROM integrations.imports i
WHERE i.failed > 0 AND NOT EXISTS (SELECT FROM integrations.import_errors e WHERE e.import_id = i.id)`},
		invariant.Query{Name: "INV-I3 a piece of a file that no import has", SQL: `
SELECT DISTINCT 'import ' || f.import_id FROM integrations.import_files f
WHERE NOT EXISTS (SELECT FROM integrations.imports i WHERE i.id = f.import_id AND NOT i.is_tidy)`},
		invariant.Query{Name: "INV-I4 a fetched picture without a size", SQL: `
SELECT 'picture ' || id FROM integrations.pictures WHERE status = 'fetched' AND (width < 1 OR height < 1 OR bytes < 1 OR sha256 = '')`},
	)
}
