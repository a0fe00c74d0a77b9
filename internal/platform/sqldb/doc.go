// Package sqldb is how every module talks to PostgreSQL: a bounded pool, one-round-trip statements,
// transactions that are retried when the database asks for it, and errors a caller can act on.
//
// It owns connections and prepared statements, and no table. It knows no module: SQL arrives as
// schema-qualified text with numbered parameters.
//
// What to know when writing SQL for it:
//
//   - A statement with parameters is prepared once per connection and kept by its text, so text must not
//     be made by formatting values into it, and SELECT * must not be used (a cached plan refuses a changed
//     result type).
//   - A statement without parameters goes out as it is and may hold several commands.
//   - []string, []int64 and other slices work as parameters; scan an array column with pq.Array.
//   - A jsonb parameter is a [JSON], never []byte or json.RawMessage: those travel in binary and are
//     refused by jsonb.
//   - uuid and numeric columns scan into string.
//   - The search path of every connection is "public" alone, so an unqualified table name fails at once.
package sqldb
