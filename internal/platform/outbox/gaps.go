package outbox

import (
	"cmp"
	"strings"
)

// Aggregate says where a kind of aggregate is kept: a table of the schema with an event_seq column.
type Aggregate struct {
	Schema string
	Type   string // as in Record
	Table  string
	ID     string // the column whose text is Record.AggregateID
	Name   string // the column that people know it by; ID when empty
}

const gaps = `
	SELECT format('%s %s is at event %s, its outbox at %s with %s events', '{type}', coalesce(a.name, e.id), a.event_seq,
		coalesce(e.last, 0), coalesce(e.count, 0))
	FROM (SELECT {id}::text AS id, {name}::text AS name, event_seq FROM {schema}.{table}) a
	FULL JOIN (
		SELECT aggregate_id AS id, min(seq) AS first, max(seq) AS last, count(*) AS count
		FROM {schema}.outbox_events WHERE aggregate_type = '{type}' GROUP BY aggregate_id
	) e ON e.id = a.id
	WHERE coalesce(a.event_seq, -1) <> coalesce(e.last, 0) OR e.count <> e.last - e.first + 1`

// GapsSQL returns a query that must find nothing: it names, in one text column, each aggregate whose event_seq is not that
// of its last event, or whose events have a hole, and events of aggregates that do not exist. The beginning may be missing:
// Prune drops it. The names are those of tables and columns, fixed at compile time; it panics on one that is not a plain
// identifier.
func GapsSQL(a Aggregate) string {
	names := strings.NewReplacer("{schema}", checked(a.Schema), "{type}", checked(a.Type), "{table}", checked(a.Table),
		"{id}", checked(a.ID), "{name}", checked(cmp.Or(a.Name, a.ID)))
	return names.Replace(gaps)
}
