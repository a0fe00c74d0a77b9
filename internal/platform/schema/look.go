package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// State is how far a module's tables are. Version 0 means that they are not made yet.
type State struct {
	Version, Newest uint
	// Dirty says that the file of Version failed.
	Dirty bool
	// Moved says that scripts/move-module has stopped the writes here.
	Moved bool
}

// Look answers how far a module's tables are, without changing anything.
func (m Module) Look(ctx context.Context, db *sql.DB) (State, error) {
	files, err := iofs.New(m.FS, ".")
	if err != nil {
		return State{}, fmt.Errorf("read migrations: %w", err)
	}
	var s State
	if s.Newest, err = newestVersion(files); err != nil {
		return s, err
	}
	query := `SELECT version, dirty, to_regprocedure($1) IS NOT NULL FROM ` + pq.QuoteIdentifier(m.Name) + `.` + pq.QuoteIdentifier(versionTable)
	err = db.QueryRowContext(ctx, query, pq.QuoteIdentifier(m.Name)+`.moving()`).Scan(&s.Version, &s.Dirty, &s.Moved)
	if errors.Is(err, sql.ErrNoRows) || pq.As(err, pqerror.UndefinedTable, pqerror.InvalidSchemaName) != nil {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("look how far the tables of %s are: %w", m.Name, err)
	}
	return s, nil
}
