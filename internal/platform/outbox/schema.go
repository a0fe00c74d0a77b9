package outbox

import (
	"fmt"
	"regexp"
	"strings"
)

// Deliveries come and go with every event, so their table is vacuumed long before a fifth of it is dead.
// There is no foreign key to the event: both rows come from one statement, and the check would cost the
// announcing transaction a look-up per subscriber. Events with deliveries must not be deleted.
const migration = `CREATE TABLE {schema}.outbox_events (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    seq bigint NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload jsonb NOT NULL,
    CONSTRAINT outbox_events_one_per_seq UNIQUE (aggregate_type, aggregate_id, seq)
);

-- A delivery is due at run_at. Claiming it moves run_at to the end of the lease; handling it deletes it.
CREATE TABLE {schema}.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON {schema}.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON {schema}.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
`

// MigrationSQL returns the text that makes the two tables in a module's schema, which must exist. The
// module's first migration contains it word for word. It panics on a name that is not a plain
// identifier.
func MigrationSQL(schema string) string {
	return in(checked(schema), migration)
}

// in names the schema in a statement. It is the one thing put into SQL text: a name fixed at compile
// time, which no parameter can stand for.
func in(schema, query string) string {
	return strings.ReplaceAll(query, "{schema}", schema)
}

// forEach is one query over all schemas: the text once per schema, joined.
func forEach(schemas []string, query string) string {
	parts := make([]string, len(schemas))
	for i, schema := range schemas {
		parts[i] = in(schema, query)
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

func checked(schema string) string {
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`).MatchString(schema) {
		panic(fmt.Sprintf("outbox: %q is not a plain schema name", schema))
	}
	return schema
}
