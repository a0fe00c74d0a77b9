// Package growth has PostgreSQL look again at tables that have outgrown what it knows of them. It knows nothing of what is in
// them.
//
// A table that has just come into being is best read as a whole, and PostgreSQL keeps to plans that it made for one until its
// statistics change. Autovacuum sees to that, once a minute at the earliest; by then an import has brought in what makes
// such a plan a thousand times as slow as it need be.
package growth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// lookEvery is how often tables are looked at.
const lookEvery = 3 * time.Second

// Watch looks after the tables of some schemas of one database.
type Watch struct {
	db      *sqldb.DB
	schemas []string
}

// New makes a watch. The role of db must own the tables; PostgreSQL passes over those that it does not own.
func New(db *sqldb.DB, schemas []string) *Watch { return &Watch{db: db, schemas: schemas} }

// Run looks now and then until ctx ends. Any number of processes may do it.
func (w *Watch) Run(ctx context.Context) error {
	return periodic.Run(ctx, lookEvery, "look after tables that grow", w.Look)
}

// Look analyzes the tables that have several times the rows that PostgreSQL last counted in them, as it does to analyze and to
// vacuum them and to make an index. Those that only change
// are left to autovacuum, and those that somebody else analyzes at the moment to him.
func (w *Watch) Look(ctx context.Context) error {
	var errs []error
	for seen := []string{}; ; {
		table, found, err := w.next(ctx, seen)
		if err != nil || !found {
			return errors.Join(append(errs, err)...)
		}
		if _, err := w.db.Exec(ctx, `ANALYZE (SKIP_LOCKED) `+table); err != nil {
			errs = append(errs, fmt.Errorf("analyze %s: %w", table, err))
		}
		seen = append(seen, table)
	}
}

// next finds one table at a time, because other processes look as well.
func (w *Watch) next(ctx context.Context, seen []string) (table string, found bool, err error) {
	const outgrown = `
		SELECT t.name FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid,
			LATERAL (SELECT format('%I.%I', s.schemaname, s.relname) AS name) AS t
		WHERE s.schemaname = ANY ($1) AND s.n_live_tup > 1000 + 3 * greatest(c.reltuples, 0) AND t.name <> ALL ($2)
			AND pg_has_role(c.relowner, 'USAGE')
		ORDER BY t.name LIMIT 1`
	var tables []string
	if err := w.db.Select(ctx, &tables, outgrown, w.schemas, seen); err != nil {
		return "", false, fmt.Errorf("find tables that have grown: %w", err)
	}
	if len(tables) == 0 {
		return "", false, nil
	}
	return tables[0], true, nil
}
