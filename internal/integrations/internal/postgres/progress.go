package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/processing"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Claim implements processing.Store. Imports are carried out one after the other, in the order in which they began, because
// a later file is to win over an earlier one.
func (s *Store) Claim(ctx context.Context, only string) (processing.Job, bool, error) {
	const query = `
		UPDATE integrations.imports SET status = 'running', epoch = epoch + 1, attempts = attempts + 1,
			lease_until = now() + make_interval(secs => $2), updated_at = now(), version = version + 1
		WHERE id = (
			SELECT i.id FROM integrations.imports i
			WHERE i.status IN ('queued', 'running') AND i.lease_until <= now() AND ($1 = '' OR i.id = nullif($1, '')::uuid)
				AND NOT EXISTS (
					SELECT FROM integrations.imports o WHERE o.status IN ('queued', 'running') AND o.id < i.id)
			FOR UPDATE SKIP LOCKED)
		RETURNING id, dry_run, next_offset, next_line, epoch, attempts`
	var job processing.Job
	err := s.db.Get(ctx, &job, query, only, processing.Lease.Seconds())
	if errors.Is(err, sqldb.ErrNoRows) {
		return processing.Job{}, false, nil
	}
	if err != nil {
		return processing.Job{}, false, fmt.Errorf("claim import: %w", err)
	}
	return job, true, nil
}

// Record implements processing.Store.
func (s *Store) Record(ctx context.Context, job processing.Job, done processing.Done) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := advance(ctx, tx, job, done); err != nil {
			return err
		}
		if err := addErrors(ctx, tx, job.ID, done.Outcome.Errors); err != nil {
			return err
		}
		if err := remember(ctx, tx, done.Outcome.Counted); err != nil {
			return err
		}
		return addPictures(ctx, tx, done.Outcome.Pictures)
	})
}

func advance(ctx context.Context, tx *sqldb.Tx, job processing.Job, done processing.Done) error {
	const query = `
		UPDATE integrations.imports SET next_offset = $3, next_line = $4, attempts = 0, version = version + 1, updated_at = now(),
			lease_until = now() + make_interval(secs => $5), rows = rows + $6, products = products + $7, variants = variants + $8,
			prices = prices + $9, tracked = tracked + $10, pictures = pictures + $11, created = created + $12, updated = updated + $13,
			unchanged = unchanged + $14, failed = failed + $15
		WHERE id = $1 AND epoch = $2 AND status = 'running'`
	d := done.Outcome.Summary
	changed, err := tx.Exec(ctx, query, job.ID, job.Epoch, done.Next.Offset, done.Next.Line, processing.Lease.Seconds(), d.Rows, d.Products,
		d.Variants, d.Prices, d.Tracked, d.Pictures, d.Created, d.Updated, d.Unchanged, d.Failed)
	if err != nil {
		return fmt.Errorf("record progress of import: %w", err)
	}
	if changed == 0 {
		return processing.ErrLost
	}
	return nil
}

func addErrors(ctx context.Context, tx *sqldb.Tx, importID string, found []integrations.RowError) error {
	const query = `
		INSERT INTO integrations.import_errors (import_id, line, column_name, code, message)
		SELECT $1::uuid, e.line, e.column_name, e.code, e.message
		FROM ROWS FROM (unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]))
			WITH ORDINALITY AS e (line, column_name, code, message, position)
		ORDER BY e.position`
	if len(found) == 0 {
		return nil
	}
	lines := make([]int64, len(found))
	columns, codes, messages := make([]string, len(found)), make([]string, len(found)), make([]string, len(found))
	for i, e := range found {
		lines[i], columns[i], codes[i], messages[i] = int64(e.Row), e.Column, e.Code, e.Message
	}
	if _, err := tx.Exec(ctx, query, importID, lines, columns, codes, messages); err != nil {
		return fmt.Errorf("record errors of import: %w", err)
	}
	return nil
}

func remember(ctx context.Context, tx *sqldb.Tx, counted map[string]int64) error {
	const query = `
		INSERT INTO integrations.counted_stock (sku, on_hand)
		SELECT c.sku, c.on_hand FROM unnest($1::text[], $2::bigint[]) AS c (sku, on_hand) ORDER BY c.sku COLLATE "C"
		ON CONFLICT (sku) DO UPDATE SET on_hand = excluded.on_hand`
	if len(counted) == 0 {
		return nil
	}
	skus, counts := make([]string, 0, len(counted)), make([]int64, 0, len(counted))
	for sku, count := range counted {
		skus, counts = append(skus, sku), append(counts, count)
	}
	if _, err := tx.Exec(ctx, query, skus, counts); err != nil {
		return fmt.Errorf("remember counts: %w", err)
	}
	return nil
}

func addPictures(ctx context.Context, tx *sqldb.Tx, byProduct map[string][]string) error {
	const query = `
		INSERT INTO integrations.pictures (product_id, url)
		SELECT p.product_id, p.url FROM unnest($1::uuid[], $2::text[]) AS p (product_id, url) ORDER BY p.product_id, md5(p.url)
		ON CONFLICT (product_id, md5(url)) DO NOTHING`
	var products, links []string
	for product, pictures := range byProduct {
		for _, link := range pictures {
			products, links = append(products, product), append(links, link)
		}
	}
	if len(links) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, query, products, links); err != nil {
		return fmt.Errorf("record pictures: %w", err)
	}
	return nil
}

// Release implements processing.Store.
func (s *Store) Release(ctx context.Context, job processing.Job, after float64) error {
	const query = `
		UPDATE integrations.imports SET lease_until = now() + make_interval(secs => $3)
		WHERE id = $1 AND epoch = $2 AND status = 'running'`
	if _, err := s.db.Exec(ctx, query, job.ID, job.Epoch, after); err != nil {
		return fmt.Errorf("release import: %w", err)
	}
	return nil
}

// Finish implements processing.Store.
func (s *Store) Finish(ctx context.Context, job processing.Job, status string, failure processing.Failure) error {
	const query = `
		UPDATE integrations.imports SET status = $3, failure_code = $4, failure_detail = $5, finished_at = now(), updated_at = now(),
			version = version + 1
		WHERE id = $1 AND epoch = $2 AND status = 'running'`
	if _, err := s.db.Exec(ctx, query, job.ID, job.Epoch, status, failure.Code, failure.Detail); err != nil {
		return fmt.Errorf("finish import: %w", err)
	}
	return nil
}

// FirstLines implements importing.Memory.
func (s *Store) FirstLines(ctx context.Context, importID, kind string, lines map[string]int) (map[string]int, error) {
	const insert = `
		INSERT INTO integrations.import_names (import_id, kind, name, line)
		SELECT $1::uuid, $2, n.name, n.line FROM unnest($3::text[], $4::bigint[]) AS n (name, line)
		ON CONFLICT (import_id, kind, name) DO NOTHING`
	const query = `SELECT name, line FROM integrations.import_names WHERE import_id = $1 AND kind = $2 AND name = ANY ($3::text[])`
	names, numbers := make([]string, 0, len(lines)), make([]int64, 0, len(lines))
	for name, line := range lines {
		names, numbers = append(names, name), append(numbers, int64(line))
	}
	if len(names) == 0 {
		return nil, nil
	}
	if _, err := s.db.Exec(ctx, insert, importID, kind, names, numbers); err != nil {
		return nil, fmt.Errorf("keep names of a file: %w", err)
	}
	var rows []struct {
		Name string `db:"name"`
		Line int    `db:"line"`
	}
	if err := s.db.Select(ctx, &rows, query, importID, kind, names); err != nil {
		return nil, fmt.Errorf("read names of a file: %w", err)
	}
	first := make(map[string]int, len(rows))
	for _, row := range rows {
		first[row.Name] = row.Line
	}
	return first, nil
}

// Counted implements importing.Memory.
func (s *Store) Counted(ctx context.Context, skus []string) (map[string]int64, error) {
	const query = `SELECT sku, on_hand FROM integrations.counted_stock WHERE sku = ANY ($1::text[])`
	if len(skus) == 0 {
		return nil, nil
	}
	var rows []struct {
		SKU    string `db:"sku"`
		OnHand int64  `db:"on_hand"`
	}
	if err := s.db.Select(ctx, &rows, query, skus); err != nil {
		return nil, fmt.Errorf("read counts of files: %w", err)
	}
	counted := make(map[string]int64, len(rows))
	for _, row := range rows {
		counted[row.SKU] = row.OnHand
	}
	return counted, nil
}
