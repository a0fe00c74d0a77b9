package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/database/postgres"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/lib/pq"
)

const versionTable = "schema_migrations"

// Module is one PostgreSQL schema and the files that make it.
type Module struct {
	// Name is the schema, and part of the role, in plain lower case.
	Name string
	// FS holds NNNNNN_title.up.sql files at its root. A file with several statements is one transaction
	// unless it says otherwise; CREATE INDEX CONCURRENTLY needs a file of its own.
	FS fs.FS
}

// Up brings every module to its newest version, in the given order. Processes that start at the same time
// wait for each other. A database that is ahead of the files is left alone, so that the previous binary
// still starts during a rolling deployment.
//
// Errors: one that names the command to type when a version is dirty, which means that its file failed;
// the context's error. A migration that runs when the context ends is finished first.
func Up(ctx context.Context, dsn string, modules []Module) error {
	return exclusively(ctx, dsn, func(db *sql.DB) error {
		for _, m := range modules {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := m.up(ctx, db); err != nil {
				return fmt.Errorf("migrate %s: %w", m.Name, err)
			}
		}
		return nil
	})
}

// Force records that a module is at a version, and clean, without running anything. It is the way out of
// a dirty version once the schema has been looked at. Version 0 means that no migration has run.
func Force(ctx context.Context, dsn, module string, version int) error {
	if version <= 0 {
		version = database.NilVersion
	}
	return exclusively(ctx, dsn, func(db *sql.DB) error {
		driver, err := connect(ctx, db, module)
		if err != nil {
			return fmt.Errorf("force %s: %w", module, err)
		}
		return errors.Join(driver.SetVersion(version, false), driver.Close())
	})
}

func (m Module) up(ctx context.Context, db *sql.DB) (err error) {
	if err := m.ensureSchema(ctx, db); err != nil {
		return err
	}
	files, err := iofs.New(m.FS, ".")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	driver, err := connect(ctx, db, m.Name)
	if err != nil {
		return err
	}
	run, err := migrate.NewWithInstance("iofs", files, "postgres", driver)
	if err != nil {
		return err
	}
	defer func() {
		sourceErr, driverErr := run.Close()
		err = errors.Join(err, sourceErr, driverErr)
	}()
	stop := context.AfterFunc(ctx, func() { run.GracefulStop <- true })
	defer stop()
	return m.migrate(run, files)
}

func (m Module) migrate(run *migrate.Migrate, files source.Driver) error {
	ahead, err := isAhead(run, files)
	if err != nil || ahead {
		return err
	}
	err = run.Up()
	if err == nil || errors.Is(err, migrate.ErrNoChange) {
		return nil
	}
	version, dirty, versionErr := run.Version()
	if versionErr != nil || !dirty {
		return concise(err)
	}
	return m.dirtyError(files, version, err)
}

// dirtyError names the version before the failed one: a failed file has normally been rolled back as a
// whole.
func (m Module) dirtyError(files source.Driver, version uint, err error) error {
	before, prevErr := files.Prev(version)
	if prevErr != nil {
		before = 0
	}
	var alreadyDirty migrate.ErrDirty
	if errors.As(err, &alreadyDirty) {
		err = errors.New("an earlier run failed")
	}
	return fmt.Errorf("version %d is dirty: %w; once its cause is gone, run it again after typing: server migrate force %s %d",
		version, concise(err), m.Name, before)
}

// ensureSchema looks before it creates, because creating asks for a right on the database that the
// operator may have kept, even when there is nothing to create.
func (m Module) ensureSchema(ctx context.Context, db *sql.DB) error {
	const query = `SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)`

	var exists bool
	if err := db.QueryRowContext(ctx, query, m.Name).Scan(&exists); err != nil {
		return fmt.Errorf("look for schema: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := db.ExecContext(ctx, `CREATE SCHEMA `+pq.QuoteIdentifier(m.Name)); err != nil {
		return fmt.Errorf("create schema: %w", err)
	}
	return nil
}

func connect(ctx context.Context, db *sql.DB, module string) (database.Driver, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	driver, err := postgres.WithConnection(ctx, conn, &postgres.Config{
		SchemaName:      module,
		MigrationsTable: versionTable,
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return driver, nil
}

func isAhead(run *migrate.Migrate, files source.Driver) (bool, error) {
	version, dirty, err := run.Version()
	if errors.Is(err, migrate.ErrNilVersion) || dirty {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	newest, err := newestVersion(files)
	return version > newest, err
}

func newestVersion(files source.Driver) (uint, error) {
	newest, err := files.First()
	if err != nil {
		return 0, fmt.Errorf("find first migration: %w", err)
	}
	for {
		next, err := files.Next(newest)
		if errors.Is(err, fs.ErrNotExist) {
			return newest, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find migration after %d: %w", newest, err)
		}
		newest = next
	}
}

// concise leaves the text of the whole file out of the error.
func concise(err error) error {
	var failed database.Error
	if !errors.As(err, &failed) {
		return err
	}
	return fmt.Errorf("%s in line %d: %w", failed.Err, failed.Line, failed.OrigErr)
}
