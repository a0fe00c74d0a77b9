package checkoutmod_test

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// doing is interference without an error.
func doing(do func()) func(context.Context) error {
	return func(context.Context) error {
		do()
		return nil
	}
}

func crashes(context.Context) error { panic("the process is gone") }

func fails(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func outage(context.Context) error { return sqldb.ErrUnavailable }

// hangs until the caller gives up.
func hangs(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
