// Package postgres keeps carts in the Postgres schema "cart". Each change of a cart is one conditional statement or one
// short transaction; who loses a race is told so and nothing was written.
//
// Locks are taken in one order, the cart before its freezes, so that a Freeze and the Thaw that overtakes it never wait
// for each other in a circle.
package postgres

import (
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
)

// Carts is the store of the module.
type Carts struct {
	db         *sqldb.DB
	lazyCommit bool
	reader     *together.Reader[string, cartRow]
	// opening and saving store carts of the same moment together.
	opening, saving *together.Group[document, time.Time]
	recent          *recent
}

// Config says which pool to use. LazyCommit lets freezes be committed without waiting for the disk. It is safe where the
// order is committed by the same server, whose flush makes the freeze durable too: until then nobody was told of it, and
// a freeze that was lost is made again.
type Config struct {
	DB         *sqldb.DB
	LazyCommit bool
}

// New returns the store on a pool of the module's own database.
func New(cfg Config) *Carts {
	s := &Carts{db: cfg.DB, lazyCommit: cfg.LazyCommit, recent: newRecent()}
	s.reader = together.NewReader(cfg.DB, s.read)
	s.opening, s.saving = together.New(cfg.DB, s.open), together.New(cfg.DB, s.save)
	return s
}

func nullable(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
