package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

//go:embed limit.sql
var limitScript string

//go:embed limit_tables.sql
var limitTables string

const (
	limitDatabase = "bench_limit"
	settleLimit   = 60 * time.Second
	settlePoll    = 20 * time.Millisecond
)

// elsewhere is the DSN with another socket directory or database; empty leaves it as it is.
func elsewhere(dsn, dir, database string) (string, error) {
	address, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	if dir != "" {
		query := address.Query()
		query.Set("host", dir)
		address.RawQuery = query.Encode()
	}
	if database != "" {
		address.Path = "/" + database
	}
	return address.String(), nil
}

func socketDir(dsn string) (string, error) {
	address, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	return address.Query().Get("host"), nil
}

// makeLimitTables makes the database that limit.sql runs in.
func makeLimitTables(ctx context.Context, dsn string) error {
	if err := execute(ctx, dsn, "CREATE DATABASE "+limitDatabase); err != nil {
		return err
	}
	limitDSN, err := elsewhere(dsn, "", limitDatabase)
	if err != nil {
		return err
	}
	return execute(ctx, limitDSN, limitTables)
}

func execute(ctx context.Context, dsn, script string) (err error) {
	db, err := sqldb.OpenAdmin(dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, script)
	return err
}

// books is the shop's database as its keeper sees it.
type books struct{ *sql.DB }

// transactions is how many transactions that write have begun since the cluster was made. Readers have no number.
func (b books) transactions(ctx context.Context) (n int64, err error) {
	const query = `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint`
	err = b.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// analyze tells the planner what is in the tables, as the database does by itself within a minute.
func (b books) analyze(ctx context.Context) error {
	_, err := b.ExecContext(ctx, `ANALYZE`)
	return err
}

// checkpoint starts a measurement with nothing left to write of the one before.
func (b books) checkpoint(ctx context.Context) error {
	_, err := b.ExecContext(ctx, `CHECKPOINT`)
	return err
}

// outboxes are the tables of deliveries.
func (b books) outboxes(ctx context.Context) (tables []string, err error) {
	const query = `SELECT format('%I.%I', schemaname, tablename) FROM pg_catalog.pg_tables WHERE tablename = 'outbox_deliveries' ORDER BY 1`
	rows, err := b.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, rows.Err()
}

// waiting is how many deliveries are on their way, and how many nobody will try again.
func (b books) waiting(ctx context.Context) (due, dead int64, err error) {
	tables, err := b.outboxes(ctx)
	if err != nil {
		return 0, 0, err
	}
	for i, table := range tables {
		tables[i] = "SELECT dead_at FROM " + table
	}
	query := `SELECT count(*) FILTER (WHERE dead_at IS NULL), count(dead_at) FROM (` + strings.Join(tables, " UNION ALL ") + `) AS all_of_them`
	err = b.QueryRowContext(ctx, query).Scan(&due, &dead)
	return due, dead, err
}

// settle waits until no event is on its way.
func (b books) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for {
		due, dead, err := b.waiting(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("wait for the work in the background: %w", err)
		case dead > 0:
			return fmt.Errorf("%d deliveries are dead", dead)
		case due == 0:
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(settlePoll):
		}
	}
}

// holdBack makes deliveries that are written from now on due much later, so that what happens until release is the work
// of requests alone.
func (b books) holdBack(ctx context.Context) error {
	return b.eachOutbox(ctx, `ALTER TABLE %s ALTER COLUMN run_at SET DEFAULT now() + interval '10 minutes'`)
}

// release makes them due now, and later ones when they are written.
func (b books) release(ctx context.Context) error {
	err := b.eachOutbox(ctx, `ALTER TABLE %s ALTER COLUMN run_at SET DEFAULT now()`)
	if err != nil {
		return err
	}
	return b.eachOutbox(ctx, `UPDATE %s SET run_at = now() WHERE dead_at IS NULL`)
}

func (b books) eachOutbox(ctx context.Context, statement string) error {
	tables, err := b.outboxes(ctx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := b.ExecContext(ctx, fmt.Sprintf(statement, table)); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}
