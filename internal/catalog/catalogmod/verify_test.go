package catalogmod_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

func TestVerifyFindsEachPlantedViolation(t *testing.T) {
	s := open(t)
	s.save(shirt())
	s.category(`{"name":"A","handle":"a"}`)
	for name, plant := range map[string]struct{ break_, mend, invariant string }{
		"an event that nobody made": {
			`UPDATE catalog.products SET event_seq = event_seq + 1`, `UPDATE catalog.products SET event_seq = event_seq - 1`, "INV-E1"},
		"an event of nothing": {
			`INSERT INTO catalog.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload) VALUES (gen_random_uuid(), 'x', 'product', 'y', 1, '{}')`,
			`DELETE FROM catalog.outbox_events WHERE aggregate_id = 'y'`, "INV-E1"},
		"a gap": {
			`UPDATE catalog.outbox_events SET seq = 3; UPDATE catalog.products SET event_seq = 3;
			INSERT INTO catalog.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload) SELECT gen_random_uuid(), name, aggregate_type, aggregate_id, 1, payload FROM catalog.outbox_events`,
			`DELETE FROM catalog.outbox_events WHERE seq = 3; UPDATE catalog.products SET event_seq = 1`, "INV-E1"},
		"a value too many": {
			`UPDATE catalog.variants SET option_values = option_values || 'x'::text WHERE sku = 'S-S-RED'`,
			`UPDATE catalog.variants SET option_values = ARRAY['S', 'Red'] WHERE sku = 'S-S-RED'`, "catalog-option-values"},
		"a value of no option": {
			`UPDATE catalog.variants SET option_values = ARRAY['Red', 'S'] WHERE sku = 'S-S-RED'`,
			`UPDATE catalog.variants SET option_values = ARRAY['S', 'Red'] WHERE sku = 'S-S-RED'`, "catalog-option-values"},
		"a cycle": {
			`UPDATE catalog.categories c SET parent_id = o.id FROM catalog.categories o WHERE (c.handle, o.handle) IN (('a', 'tops'), ('tops', 'a'))`,
			`UPDATE catalog.categories SET parent_id = NULL`, "catalog-category-tree"},
	} {
		_, err := s.db.Exec(t.Context(), plant.break_)
		require.NoError(t, err, name)

		violations, err := s.module.Verify(t.Context())

		require.NoError(t, err, name)
		require.NotEmpty(t, violations, name)
		for _, violation := range violations {
			assert.Equal(t, plant.invariant, violation.Invariant, name)
		}
		_, err = s.db.Exec(t.Context(), plant.mend)
		require.NoError(t, err, name)
	}
}

func TestTheMigrationEndsWithTheTablesOfTheOutbox(t *testing.T) {
	text, err := os.ReadFile("../../../migrations/catalog/000001_init.up.sql")

	require.NoError(t, err)
	assert.Contains(t, string(text), outbox.MigrationSQL("catalog"))
}
