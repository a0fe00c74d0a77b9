package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// ErrNoRows is returned by Get when the query found nothing.
var ErrNoRows = sql.ErrNoRows

// ErrUnavailable says that the database could not do its work now and that the same request may succeed
// later: it cannot be reached, shuts down, is read-only, has no connection or resource left, waited too
// long for a lock, or the pool was busy for too long.
//
// After it, a statement outside a transaction, or a commit, may or may not have taken effect; a
// transaction that had not reached its commit has not.
var ErrUnavailable = fault.New("unavailable", "the database is not available at the moment")

var errPoolBusy = errors.New("no connection became free in time")

// Violates reports whether err is the violation of the named unique, check, foreign key or exclusion
// constraint.
func Violates(err error, constraint string) bool {
	e := pq.As(err)
	return e != nil && e.Code.Class() == "23" && e.Constraint == constraint
}

// translate gives an error of the driver its meaning. The original stays in the chain.
func translate(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, ErrNoRows) || errors.Is(err, ErrUnavailable) {
		return err
	}
	if e := pq.As(err); e != nil {
		return translateServer(ctx, err, e.Code)
	}
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if ctx.Err() == nil && lostConnection(err) {
		return ErrUnavailable.Wrap(err)
	}
	return err
}

// translateServer tells a query that was canceled because nobody waits for it from one that ran into the
// statement timeout; PostgreSQL reports both as 57014.
func translateServer(ctx context.Context, err error, code pqerror.Code) error {
	if code == pqerror.QueryCanceled && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if unavailable(code) {
		return ErrUnavailable.Wrap(err)
	}
	return err
}

func unavailable(code pqerror.Code) bool {
	switch code {
	case pqerror.ProtocolViolation: // a mistake of ours, such as a wrong number of arguments
		return false
	case pqerror.QueryCanceled, pqerror.LockNotAvailable, pqerror.ReadOnlySQLTransaction,
		pqerror.IdleInTransactionSessionTimeout:
		return true
	}
	return code.Class() == "08" || code.Class() == "53" || strings.HasPrefix(string(code), "57P")
}

// conflicted reports whether PostgreSQL gave up the transaction for the sake of another one, which
// means: run it again.
func conflicted(err error) bool {
	return pq.As(err, pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected) != nil
}

// outdated reports whether a prepared statement no longer fits the tables it reads. The statement was
// refused before it ran.
func outdated(err error) bool {
	e := pq.As(err, pqerror.FeatureNotSupported)
	return e != nil && e.Routine == "RevalidateCachedQuery"
}

func lostConnection(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}
