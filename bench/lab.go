package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// lab is everything that measurements are made with: a PostgreSQL that waits for the disk, a shop with goods, and a
// server that has just been started. It is in a directory of its own and leaves nothing behind.
type lab struct {
	settings    settings
	dir         string
	binary      string
	pgbenchPath string
	postgres    *devpostgres.Server
	socketDir   string
	books       books
	// apart are the databases of the shop whose modules are in processes of their own, the app's first.
	apart  []books
	server *server
	skus   []string
	// names makes every customer somebody new.
	names atomic.Uint64
}

func openLab(ctx context.Context, s settings) (*lab, error) {
	dir, err := os.MkdirTemp("/tmp", "rialto-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{settings: s, dir: dir, binary: s.server, skus: shelf()}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lab) open(ctx context.Context) (err error) {
	if l.pgbenchPath, err = findPgbench(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(l.dir, "limit.sql"), []byte(limitScript), 0o600); err != nil {
		return err
	}
	if l.binary == "" {
		l.say("building the server")
		if l.binary, err = buildServer(ctx, l.dir); err != nil {
			return err
		}
	}
	l.say("starting PostgreSQL")
	// The database must outlive the signal that ends ctx, so that the server can finish.
	l.postgres, err = devpostgres.Start(context.WithoutCancel(ctx), devpostgres.Config{Dir: filepath.Join(l.dir, "postgres")})
	if err != nil {
		return err
	}
	if l.socketDir, err = socketDir(l.postgres.DSN()); err != nil {
		return err
	}
	if err := makeLimitTables(ctx, l.postgres.DSN()); err != nil {
		return err
	}
	db, err := sqldb.OpenAdmin(l.postgres.DSN())
	if err != nil {
		return err
	}
	l.books = books{db}
	if err := l.openApart(ctx); err != nil {
		return err
	}
	return l.openShop(ctx)
}

// openShop starts the server and puts goods on the shelves.
func (l *lab) openShop(ctx context.Context) (err error) {
	if l.server, err = l.serve(ctx, l.postgres.DSN()); err != nil {
		return err
	}
	key, err := ownerKey(ctx, l.binary, l.postgres.DSN())
	if err != nil {
		return err
	}
	l.say("putting %d products on sale", len(l.skus))
	admin := staff{url: "http://" + l.server.address, key: key}
	if err := admin.stock(ctx, plenty, append(l.skus, countedSKU)...); err != nil {
		return err
	}
	for round := range l.settings.rounds {
		if err := admin.stock(ctx, hotUnits, hotSKU(round)); err != nil {
			return err
		}
	}
	if err := admin.stock(ctx, 1, soldOutSKU); err != nil {
		return err
	}
	return l.books.settle(ctx)
}

// each does something with every database of a shop.
func (l *lab) each(ctx context.Context, do func(books, context.Context) error) error {
	for _, b := range append([]books{l.books}, l.apart...) {
		if err := do(b, ctx); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until no event is on its way anywhere.
func (l *lab) settle(ctx context.Context) error { return l.each(ctx, books.settle) }

func (l *lab) serve(ctx context.Context, dsn string) (*server, error) {
	return startServer(ctx, l.binary, dsn, l.dir)
}

// close ends everything, in the reverse order of its beginning.
func (l *lab) close() error {
	var errs []error
	if l.server != nil {
		errs = append(errs, l.server.stop())
	}
	for _, b := range append([]books{l.books}, l.apart...) {
		if b.DB != nil {
			errs = append(errs, b.Close())
		}
	}
	if l.postgres != nil {
		errs = append(errs, l.postgres.Stop(context.Background()))
	}
	return errors.Join(append(errs, os.RemoveAll(l.dir))...)
}

// say tells whoever waits what is being done.
func (l *lab) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}
