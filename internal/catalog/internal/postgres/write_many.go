package postgres

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// productRecord is a product as it travels to several rows in one statement. Version is that before the change.
type productRecord struct {
	ID             string            `json:"id"`
	Handle         string            `json:"handle"`
	Title          string            `json:"title"`
	Description    string            `json:"description"`
	Vendor         string            `json:"vendor"`
	ProductType    string            `json:"product_type"`
	Status         string            `json:"status"`
	Tags           []string          `json:"tags"`
	Attributes     map[string]string `json:"attributes"`
	SEOTitle       string            `json:"seo_title"`
	SEODescription string            `json:"seo_description"`
	TaxClass       string            `json:"tax_class"`
	ExternalID     string            `json:"external_id"`
	Metadata       map[string]string `json:"metadata"`
	Version        int               `json:"version"`
}

func recordOf(c editing.Change) productRecord {
	p := c.After
	return productRecord{ID: p.ID, Handle: p.Handle, Title: p.Title, Description: p.Description, Vendor: p.Vendor, ProductType: p.ProductType,
		Status: p.Status, Tags: p.Tags, Attributes: p.Attributes, SEOTitle: p.SEO.Title, SEODescription: p.SEO.Description,
		TaxClass: p.TaxClass, ExternalID: p.ExternalID, Metadata: p.Metadata, Version: c.Before.Version}
}

// SaveProducts implements editing.Tx: the same statements as for one product, each for all of them. What products give up
// goes before what others take.
func (t *productsTx) SaveProducts(ctx context.Context, changes []editing.Change) error {
	if err := t.joinAllGroups(ctx, changes); err != nil {
		return err
	}
	seqs, err := t.saveRecords(ctx, changes)
	if err != nil {
		return translate(err)
	}
	for _, write := range []func(context.Context, []editing.Change) error{t.saveAllOptions, t.saveAllVariants, t.saveAllMedia} {
		if err := write(ctx, changes); err != nil {
			return translate(err)
		}
	}
	records := make([]outbox.Record, len(changes))
	for i, c := range changes {
		if err := t.moveBetweenGroups(ctx, c.Before, c.After); err != nil {
			return translate(err)
		}
		records[i] = changed(eventOf(c.After), seqs[c.After.ID])
	}
	return t.outbox.Append(ctx, t.q, records...)
}

// joinAllGroups locks what joinGroups does, for all products at once, so that the order of ids holds over all of them.
func (t *productsTx) joinAllGroups(ctx context.Context, changes []editing.Change) error {
	var moved catalog.Product
	for _, c := range changes {
		for _, id := range missing(c.After.Categories, c.Before.Categories, categoryID) {
			moved.Categories = append(moved.Categories, catalog.Category{ID: id})
		}
		joined := missing(c.After.Collections, c.Before.Collections, collectionID)
		left := missing(c.Before.Collections, c.After.Collections, collectionID)
		for _, id := range slices.Concat(joined, left) {
			moved.Collections = append(moved.Collections, catalog.Collection{ID: id})
		}
	}
	return t.joinGroups(ctx, catalog.Product{}, moved)
}

func (t *productsTx) saveRecords(ctx context.Context, changes []editing.Change) (map[string]int64, error) {
	var created, changed []productRecord
	seqs := make(map[string]int64, len(changes))
	for _, c := range changes {
		if c.Before.Version == 0 {
			created, seqs[c.After.ID] = append(created, recordOf(c)), 1
			continue
		}
		changed = append(changed, recordOf(c))
	}
	if err := t.insertRecords(ctx, created); err != nil {
		return nil, err
	}
	return seqs, t.updateRecords(ctx, changed, seqs)
}

func (t *productsTx) insertRecords(ctx context.Context, records []productRecord) error {
	const query = `
		INSERT INTO catalog.products (id, handle, title, description, vendor, product_type, status, tags, attributes,
			seo_title, seo_description, tax_class, external_id, metadata, event_seq)
		SELECT p.id, p.handle, p.title, p.description, p.vendor, p.product_type, p.status,
			ARRAY (SELECT json_array_elements_text(p.tags)), p.attributes, p.seo_title, p.seo_description, p.tax_class,
			p.external_id, p.metadata, 1
		FROM json_to_recordset($1) AS p (id uuid, handle text, title text, description text, vendor text, product_type text,
			status text, tags json, attributes jsonb, seo_title text, seo_description text, tax_class text, external_id text,
			metadata jsonb)`
	if len(records) == 0 {
		return nil
	}
	if _, err := t.q.Exec(ctx, query, sqldb.JSON{V: records}); err != nil {
		return fmt.Errorf("insert products: %w", err)
	}
	return nil
}

// updateRecords compares versions as ChangeProduct does, behind locks taken in the order of ids.
func (t *productsTx) updateRecords(ctx context.Context, records []productRecord, seqs map[string]int64) error {
	const lock = `SELECT id FROM catalog.products WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`
	const query = `
		UPDATE catalog.products t
		SET handle = p.handle, title = p.title, description = p.description, vendor = p.vendor, product_type = p.product_type,
			status = p.status, tags = ARRAY (SELECT json_array_elements_text(p.tags)), attributes = p.attributes,
			seo_title = p.seo_title, seo_description = p.seo_description, tax_class = p.tax_class, external_id = p.external_id,
			metadata = p.metadata, version = t.version + 1, event_seq = t.event_seq + 1, updated_at = now()
		FROM json_to_recordset($1) AS p (id uuid, handle text, title text, description text, vendor text, product_type text,
			status text, tags json, attributes jsonb, seo_title text, seo_description text, tax_class text, external_id text,
			metadata jsonb, version integer)
		WHERE t.id = p.id AND t.version = p.version
		RETURNING t.id, t.event_seq`
	if len(records) == 0 {
		return nil
	}
	ids := make([]string, len(records))
	for i, record := range records {
		ids[i] = record.ID
	}
	if _, err := t.q.Exec(ctx, lock, ids); err != nil {
		return fmt.Errorf("lock products: %w", err)
	}
	var rows []struct {
		ID       string `db:"id"`
		EventSeq int64  `db:"event_seq"`
	}
	if err := t.q.Select(ctx, &rows, query, sqldb.JSON{V: records}); err != nil {
		return fmt.Errorf("update products: %w", err)
	}
	if len(rows) < len(records) {
		return catalog.ErrVersionMismatch
	}
	for _, row := range rows {
		seqs[row.ID] = row.EventSeq
	}
	return nil
}

func (t *productsTx) saveAllOptions(ctx context.Context, changes []editing.Change) error {
	const remove = `DELETE FROM catalog.options WHERE id = ANY ($1::uuid[])`
	const save = `
		INSERT INTO catalog.options (id, product_id, position, name, value_list)
		SELECT o.id, o.product_id, o.position, o.name, ARRAY (SELECT json_array_elements_text(o."values"))
		FROM json_to_recordset($1) AS o (id uuid, product_id uuid, position integer, name text, "values" json)
		ON CONFLICT (id) DO UPDATE
		SET position = excluded.position, name = excluded.name, value_list = excluded.value_list`
	type optionRow struct {
		catalog.Option

		ProductID string `json:"product_id"`
		Position  int    `json:"position"`
	}
	var gone []string
	var rows []optionRow
	for _, c := range changes {
		if reflect.DeepEqual(c.Before.Options, c.After.Options) {
			continue
		}
		gone = append(gone, missing(c.Before.Options, c.After.Options, optionID)...)
		for i, option := range c.After.Options {
			rows = append(rows, optionRow{option, c.After.ID, i})
		}
	}
	return t.removeAndSave(ctx, statement{remove, gone}, save, rows, len(rows))
}

func (t *productsTx) saveAllVariants(ctx context.Context, changes []editing.Change) error {
	const remove = `DELETE FROM catalog.variants WHERE id = ANY ($1::uuid[])`
	const save = `
		INSERT INTO catalog.variants (id, product_id, position, sku, title, option_values, barcode, weight_grams,
			requires_shipping, taxable, external_id, metadata, version)
		SELECT v.id, v.product_id, v.position, v.sku, v.title, ARRAY (SELECT json_array_elements_text(v.option_values)),
			v.barcode, v.weight_grams, v.requires_shipping, v.taxable, v.external_id, v.metadata, v.version + 1
		FROM json_to_recordset($1) AS v (id uuid, product_id uuid, position integer, sku text, title text, option_values json,
			barcode text, weight_grams bigint, requires_shipping boolean, taxable boolean, external_id text, metadata jsonb,
			version integer)
		ON CONFLICT (id) DO UPDATE
		SET position = excluded.position, sku = excluded.sku, title = excluded.title,
			option_values = excluded.option_values, barcode = excluded.barcode, weight_grams = excluded.weight_grams,
			requires_shipping = excluded.requires_shipping, taxable = excluded.taxable,
			external_id = excluded.external_id, metadata = excluded.metadata, version = excluded.version, updated_at = now()
		WHERE catalog.variants.version = excluded.version - 1`
	type ownedRow struct {
		variantRow

		ProductID string `json:"product_id"`
	}
	var gone []string
	var rows []ownedRow
	for _, c := range changes {
		gone = append(gone, missing(c.Before.Variants, c.After.Variants, variantID)...)
		for _, row := range changedVariants(c.Before, c.After) {
			rows = append(rows, ownedRow{row, c.After.ID})
		}
	}
	return t.removeAndSave(ctx, statement{remove, gone}, save, rows, len(rows))
}

func (t *productsTx) saveAllMedia(ctx context.Context, changes []editing.Change) error {
	const remove = `DELETE FROM catalog.media WHERE product_id = ANY ($1::uuid[])`
	const insert = `
		INSERT INTO catalog.media (product_id, position, url, alt, width, height)
		SELECT m.product_id, m.position, m.url, m.alt, m.width, m.height
		FROM json_to_recordset($1) AS m (product_id uuid, position integer, url text, alt text, width integer, height integer)`
	type mediaRow struct {
		catalog.Media

		ProductID string `json:"product_id"`
		Position  int    `json:"position"`
	}
	var replaced []string
	var rows []mediaRow
	for _, c := range changes {
		if slices.Equal(c.Before.Media, c.After.Media) {
			continue
		}
		if len(c.Before.Media) > 0 {
			replaced = append(replaced, c.After.ID)
		}
		for i, media := range c.After.Media {
			rows = append(rows, mediaRow{media, c.After.ID, i})
		}
	}
	return t.removeAndSave(ctx, statement{remove, replaced}, insert, rows, len(rows))
}

type statement struct {
	query string
	ids   []string
}

// removeAndSave writes parts of several products. Fewer rows saved than sent means that somebody changed one meanwhile.
func (t *productsTx) removeAndSave(ctx context.Context, remove statement, save string, rows any, count int) error {
	if len(remove.ids) > 0 {
		if _, err := t.q.Exec(ctx, remove.query, remove.ids); err != nil {
			return fmt.Errorf("remove parts of products: %w", err)
		}
	}
	if count == 0 {
		return nil
	}
	saved, err := t.q.Exec(ctx, save, sqldb.JSON{V: rows})
	if err != nil {
		return fmt.Errorf("save parts of products: %w", err)
	}
	if saved != int64(count) {
		return catalog.ErrVersionMismatch
	}
	return nil
}
