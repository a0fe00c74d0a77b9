package postgres

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// writeParts writes what differs between the parts of before and after.
func (t *productsTx) writeParts(ctx context.Context, before, after catalog.Product) error {
	if !reflect.DeepEqual(before.Options, after.Options) {
		if err := t.replaceOptions(ctx, before, after); err != nil {
			return err
		}
	}
	if err := t.removeVariants(ctx, before, after); err != nil {
		return err
	}
	if err := t.saveVariants(ctx, before, after); err != nil {
		return err
	}
	if !slices.Equal(before.Media, after.Media) {
		if err := t.replaceMedia(ctx, after); err != nil {
			return err
		}
	}
	return t.moveBetweenGroups(ctx, before, after)
}

// replaceOptions lets options that stay keep their rows, since their ids are public.
func (t *productsTx) replaceOptions(ctx context.Context, before, after catalog.Product) error {
	const remove = `DELETE FROM catalog.options WHERE product_id = $1 AND id = ANY ($2::uuid[])`
	const save = `
		INSERT INTO catalog.options (id, product_id, position, name, value_list)
		SELECT o.id, $1::uuid, o.position - 1, o.name, ARRAY (SELECT json_array_elements_text(o."values"))
		FROM ROWS FROM (json_to_recordset($2) AS (id uuid, name text, "values" json))
			WITH ORDINALITY AS o (id, name, "values", position)
		ON CONFLICT (id) DO UPDATE
		SET position = excluded.position, name = excluded.name, value_list = excluded.value_list`
	if gone := missing(before.Options, after.Options, optionID); len(gone) > 0 {
		if _, err := t.q.Exec(ctx, remove, after.ID, gone); err != nil {
			return fmt.Errorf("remove options: %w", err)
		}
	}
	if len(after.Options) == 0 {
		return nil
	}
	if _, err := t.q.Exec(ctx, save, after.ID, sqldb.JSON{V: after.Options}); err != nil {
		return fmt.Errorf("save options: %w", err)
	}
	return nil
}

func (t *productsTx) removeVariants(ctx context.Context, before, after catalog.Product) error {
	const query = `DELETE FROM catalog.variants WHERE product_id = $1 AND id = ANY ($2::uuid[])`
	gone := missing(before.Variants, after.Variants, variantID)
	if len(gone) == 0 {
		return nil
	}
	if _, err := t.q.Exec(ctx, query, after.ID, gone); err != nil {
		return fmt.Errorf("remove variants: %w", err)
	}
	return nil
}

// saveVariants writes new and changed variants in one statement, so that variants may exchange their values. A variant
// that meanwhile has another version than in before is left alone, and counted.
func (t *productsTx) saveVariants(ctx context.Context, before, after catalog.Product) error {
	const query = `
		INSERT INTO catalog.variants (id, product_id, position, sku, title, option_values, barcode, weight_grams,
			requires_shipping, taxable, external_id, metadata, version)
		SELECT v.id, $1::uuid, v.position, v.sku, v.title, ARRAY (SELECT json_array_elements_text(v.option_values)), v.barcode,
			v.weight_grams, v.requires_shipping, v.taxable, v.external_id, v.metadata, v.version + 1
		FROM json_to_recordset($2) AS v (id uuid, position integer, sku text, title text, option_values json, barcode text,
			weight_grams bigint, requires_shipping boolean, taxable boolean, external_id text, metadata jsonb, version integer)
		ON CONFLICT (id) DO UPDATE
		SET position = excluded.position, sku = excluded.sku, title = excluded.title,
			option_values = excluded.option_values, barcode = excluded.barcode, weight_grams = excluded.weight_grams,
			requires_shipping = excluded.requires_shipping, taxable = excluded.taxable,
			external_id = excluded.external_id, metadata = excluded.metadata, version = excluded.version, updated_at = now()
		WHERE catalog.variants.version = excluded.version - 1`
	rows := changedVariants(before, after)
	if len(rows) == 0 {
		return nil
	}
	saved, err := t.q.Exec(ctx, query, after.ID, sqldb.JSON{V: rows})
	if err != nil {
		return fmt.Errorf("save variants: %w", err)
	}
	if saved != int64(len(rows)) {
		return catalog.ErrVersionMismatch
	}
	return nil
}

func changedVariants(before, after catalog.Product) []variantRow {
	had := make(map[string]catalog.Variant, len(before.Variants))
	for _, v := range before.Variants {
		had[v.ID] = v
	}
	var rows []variantRow
	for _, v := range after.Variants {
		if old, known := had[v.ID]; !known || !reflect.DeepEqual(old, v) {
			rows = append(rows, variantRowOf(v, old.Version))
		}
	}
	return rows
}

func (t *productsTx) replaceMedia(ctx context.Context, p catalog.Product) error {
	const remove = `DELETE FROM catalog.media WHERE product_id = $1`
	const insert = `
		INSERT INTO catalog.media (product_id, position, url, alt, width, height)
		SELECT $1::uuid, m.position - 1, m.url, m.alt, m.width, m.height
		FROM ROWS FROM (json_to_recordset($2) AS (url text, alt text, width integer, height integer))
			WITH ORDINALITY AS m (url, alt, width, height, position)`
	if _, err := t.q.Exec(ctx, remove, p.ID); err != nil {
		return fmt.Errorf("remove media: %w", err)
	}
	if len(p.Media) == 0 {
		return nil
	}
	if _, err := t.q.Exec(ctx, insert, p.ID, sqldb.JSON{V: p.Media}); err != nil {
		return fmt.Errorf("insert media: %w", err)
	}
	return nil
}

// missing answers the ids of those in had that are not in kept, each once.
func missing[T any](had, kept []T, id func(T) string) []string {
	seen := make(map[string]bool, len(kept))
	for _, item := range kept {
		seen[id(item)] = true
	}
	var gone []string
	for _, item := range had {
		if !seen[id(item)] {
			seen[id(item)] = true
			gone = append(gone, id(item))
		}
	}
	return gone
}

func optionID(o catalog.Option) string         { return o.ID }
func variantID(v catalog.Variant) string       { return v.ID }
func categoryID(c catalog.Category) string     { return c.ID }
func collectionID(c catalog.Collection) string { return c.ID }
