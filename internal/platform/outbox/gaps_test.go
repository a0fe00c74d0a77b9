package outbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

func TestGapsAreFoundOnEitherSide(t *testing.T) {
	meals := outbox.Aggregate{Schema: "kitchen", Type: "dish", Table: "meals", ID: "id"}
	cases := map[string]struct {
		dishes, events string
		found          int
	}{
		"as it should be":         {"('a', 2), ('b', 0)", "('a', 1), ('a', 2)", 0},
		"a change without events": {"('a', 3)", "('a', 1), ('a', 2)", 1},
		"a hole":                  {"('a', 3)", "('a', 1), ('a', 3)", 1},
		"the first is dropped":    {"('a', 2)", "('a', 2)", 0},
		"nobody's events":         {"('a', 1)", "('a', 1), ('b', 1)", 1},
		"no event at all":         {"('a', 1)", "('z', 0)", 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := open(t).Admin()
			_, err := db.Exec(t.Context(), `CREATE TABLE kitchen.meals (id text, event_seq bigint); INSERT INTO kitchen.meals VALUES `+c.dishes+`;
				INSERT INTO kitchen.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload)
				SELECT gen_random_uuid(), 'kitchen.cooked.v1', 'dish', e.id, e.seq, '{}' FROM (VALUES `+c.events+`) AS e (id, seq)`)
			require.NoError(t, err)

			var found []string
			require.NoError(t, db.Select(t.Context(), &found, outbox.GapsSQL(meals)))

			require.Len(t, found, c.found)
		})
	}
}

func TestGapsSQLRefusesWhatIsNoName(t *testing.T) {
	require.Panics(t, func() {
		outbox.GapsSQL(outbox.Aggregate{Schema: "kitchen", Type: "dish", Table: "meals; DROP", ID: "id"})
	})
}
