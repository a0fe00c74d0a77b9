package outbox

import (
	"strconv"
	"strings"
)

// partParameters is how many parameters PartSQL has.
const partParameters = 8

// PartSQL is Append as a part of another statement: two queries for its WITH list, with eight parameters that begin at
// $first and that PartArgs makes. Source names an earlier query of that list with at most one row. Without its row nothing
// is announced; the members of its jsonb column "facts" are put over those of each payload. So one statement can make
// something true and announce it together with what only the database knew. It is the same text for any number of records.
func (o *Outbox) PartSQL(source string, first int) string {
	const query = `announced AS (
			INSERT INTO {schema}.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload)
			SELECT t.id, t.name, t.aggregate_type, t.aggregate_id, t.seq, t.payload::jsonb || {source}.facts
			FROM {source}, unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
				AS t(id, name, aggregate_type, aggregate_id, seq, payload)
		), delivered AS (
			INSERT INTO {schema}.outbox_deliveries (event_id, subscriber)
			SELECT t.event_id, t.subscriber FROM {source}, unnest($7::uuid[], $8::text[]) AS t(event_id, subscriber)
		)`
	text := in(o.schema, strings.ReplaceAll(query, "{source}", checked(source)))
	numbers := make([]string, 0, 2*partParameters)
	for i := range partParameters {
		numbers = append(numbers, "$"+strconv.Itoa(i+1), "$"+strconv.Itoa(first+i))
	}
	return strings.NewReplacer(numbers...).Replace(text)
}

// PartArgs are the arguments for PartSQL.
func (o *Outbox) PartArgs(records ...Record) ([]any, error) {
	rows, err := o.rows(records)
	if err != nil {
		return nil, err
	}
	return []any{rows.id, rows.name, rows.aggregateType, rows.aggregateID, rows.seq, rows.payload, rows.deliveryOf, rows.subscriber}, nil
}
