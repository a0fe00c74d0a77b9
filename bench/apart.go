package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	appDatabase   = "bench_app"
	internalToken = "RIALTO_INTERNAL_TOKEN=what-only-the-processes-of-the-bench-know"
)

// leaving are the modules that have processes of their own in the row split.
func leaving() []string { return []string{"inventory", "payments"} }

// division is a shop of several processes: those of modules, and last the app.
type division []*server

func (d division) app() *server { return d[len(d)-1] }

// stop ends the app before what it needs.
func (d division) stop() error {
	var errs []error
	for i := len(d) - 1; i >= 0; i-- {
		errs = append(errs, d[i].stop())
	}
	return errors.Join(errs...)
}

// openApart makes the databases of the divided shop.
func (l *lab) openApart(ctx context.Context) error {
	for _, name := range append([]string{appDatabase}, leaving()...) {
		if err := execute(ctx, l.postgres.DSN(), "CREATE DATABASE "+name); err != nil {
			return err
		}
		dsn, err := elsewhere(l.postgres.DSN(), "", name)
		if err != nil {
			return err
		}
		db, err := sqldb.OpenAdmin(dsn)
		if err != nil {
			return err
		}
		l.apart = append(l.apart, books{db})
	}
	return nil
}

// serveApart starts the divided shop, whose processes reach PostgreSQL through a directory with its socket; empty means
// the usual one.
func (l *lab) serveApart(ctx context.Context, socketDir string) (d division, err error) {
	app, err := freeAddress()
	if err != nil {
		return nil, err
	}
	settings := []string{internalToken, "RIALTO_INTERNAL_ADDR=" + app}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.stop())
		}
	}()
	for _, module := range leaving() {
		inside, err := freeAddress()
		if err != nil {
			return d, err
		}
		dsn, err := elsewhere(l.postgres.DSN(), socketDir, module)
		if err != nil {
			return d, err
		}
		s, err := startServer(ctx, l.binary, dsn, l.dir, internalToken, "RIALTO_MODULES="+module, "RIALTO_INTERNAL_ADDR="+inside, "RIALTO_APP_URL=http://"+app)
		if err != nil {
			return d, err
		}
		d = append(d, s)
		settings = append(settings, fmt.Sprintf("%s_URL=http://%s", strings.ToUpper(module), inside))
	}
	dsn, err := elsewhere(l.postgres.DSN(), socketDir, appDatabase)
	if err != nil {
		return d, err
	}
	s, err := startServer(ctx, l.binary, dsn, l.dir, settings...)
	if err != nil {
		return d, err
	}
	return append(d, s), nil
}

// dividedDuring starts the divided shop for as long as do runs.
func (l *lab) dividedDuring(ctx context.Context, socketDir string, do func(division) error) error {
	d, err := l.serveApart(ctx, socketDir)
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.stop())
}

// prepareApart puts the same goods on the shelves of the divided shop.
func (l *lab) prepareApart(ctx context.Context) error {
	return l.dividedDuring(ctx, "", func(d division) error {
		dsn, err := elsewhere(l.postgres.DSN(), "", appDatabase)
		if err != nil {
			return err
		}
		key, err := ownerKey(ctx, l.binary, dsn)
		if err != nil {
			return err
		}
		admin := staff{url: "http://" + d.app().address, key: key}
		if err := admin.stock(ctx, plenty, l.skus...); err != nil {
			return err
		}
		return l.warm(ctx, d.app().address)
	})
}

// measureApart loads the divided shop, which lives only as long.
func (l *lab) measureApart(ctx context.Context, r results) error {
	return l.dividedDuring(ctx, "", func(d division) error {
		if err := l.warm(ctx, d.app().address); err != nil {
			return err
		}
		return l.measureRow(ctx, splitRow, r, atOnce(l.skus), d.app().address)
	})
}
