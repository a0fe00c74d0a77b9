package idempotency

import (
	"fmt"
	"regexp"
	"strings"
)

// Rows are dropped by expires_at and not with a partition a day: what must be unique over three days cannot be made so
// by partitions of one.
const migration = `-- One row per request that was carried out under an Idempotency-Key. id and request are hashes, of whose key it is and of
-- what was asked; the answer is encrypted with a key that only who sends the same Idempotency-Key brings.
CREATE TABLE {schema}.idempotency_keys (
    id bytea PRIMARY KEY,
    request bytea NOT NULL,
    status smallint NOT NULL,
    answer bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '72 hours'
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX idempotency_keys_expired ON {schema}.idempotency_keys (expires_at);
`

// MigrationSQL returns the text that makes the table of keys in a module's schema, which must exist. A migration of the
// module contains it word for word. It panics on a name that is not a plain identifier.
func MigrationSQL(schema string) string {
	return in(checked(schema), migration)
}

// in names the schema in a statement. It is the one thing put into SQL text: a name fixed at compile time, which no
// parameter can stand for.
func in(schema, query string) string {
	return strings.ReplaceAll(query, "{schema}", schema)
}

func checked(schema string) string {
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`).MatchString(schema) {
		panic(fmt.Sprintf("idempotency: %q is not a plain schema name", schema))
	}
	return schema
}
