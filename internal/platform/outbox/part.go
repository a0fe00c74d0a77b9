package outbox

import (
	"strconv"
	"strings"
)

// PartSQL is Append as a part of another statement: queries for its WITH list with one parameter, $number, that PartArg
// makes. Source names an earlier query of that list with a column aggregate_id and a jsonb column facts, and at most one row
// for an aggregate. What is about an aggregate without a row is not announced; the members of facts are put over those of
// the payload. So one statement can make something true and announce it together with what only the database knew. It is
// the same text for any number of records.
func (o *Outbox) PartSQL(source string, number int) string {
	return o.part("t.payload || s.facts", "JOIN "+checked(source)+" AS s ON s.aggregate_id = t.aggregate_id", number)
}

// part announces what join leaves of the records.
func (o *Outbox) part(payload, join string, number int) string {
	const query = `announced AS (
			SELECT t.id, t.name, t.aggregate_type, t.aggregate_id, t.seq, {payload} AS payload, t.subscribers
			FROM json_to_recordset({records}::json)
				AS t(id uuid, name text, aggregate_type text, aggregate_id text, seq bigint, payload jsonb, subscribers text[])
			{join}
		), logged AS (
			INSERT INTO {schema}.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload)
			SELECT id, name, aggregate_type, aggregate_id, seq, payload FROM announced
		), delivered AS (
			INSERT INTO {schema}.outbox_deliveries (event_id, subscriber)
			SELECT a.id, s.subscriber FROM announced a, unnest(a.subscribers) AS s(subscriber)
		)`
	return strings.NewReplacer("{payload}", payload, "{join}", join, "{records}", "$"+strconv.Itoa(number)).Replace(in(o.schema, query))
}
