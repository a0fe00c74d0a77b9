package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// ErrNoRows is returned by Get when the query found nothing.
var ErrNoRows = sql.ErrNoRows

// ErrUnavailable says that the database could not do its work now and that the same request may succeed
// later: it cannot be reached, shuts down, is read-only, has no connection, disk space or other resource left,
// or waited too long for a lock.
//
// After it, a statement outside a transaction, or a commit, may or may not have taken effect; a
// transaction that had not reached its commit has not.
var ErrUnavailable = fault.New("unavailable", "the database is not available at the moment")

// ErrOverloaded says that no connection of the pool became free within 0.8 seconds, while the database answers
// those who have one. Nothing was sent to it.
var ErrOverloaded = fault.New("overloaded", "there is more to do than the database can take at the moment")

var errPoolBusy = errors.New("no connection became free in time")

// Violates reports whether err is the violation of the named unique, check, foreign key or exclusion
// constraint.
func Violates(err error, constraint string) bool {
	e := pq.As(err)
	return e != nil && e.Code.Class() == "23" && e.Constraint == constraint
}

// Undone reports whether err says that PostgreSQL has undone a statement because of what was to be stored, or whom it met
// there: a value or a row that cannot be kept, a deadlock, a lock that did not become free. Whoever asks for less may succeed.
func Undone(err error) bool {
	e := pq.As(err)
	return e != nil && (slices.Contains([]string{"22", "23"}, string(e.Code.Class())) || slices.Contains([]string{"40001", "40P01", "55P03"}, string(e.Code)))
}

// translate gives an error of the driver its meaning. The original stays in the chain.
func translate(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, ErrNoRows) || errors.Is(err, ErrUnavailable) {
		return err
	}
	if e := pq.As(err); e != nil {
		return translateServer(ctx, err, e)
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
func translateServer(ctx context.Context, err error, e *pq.Error) error {
	if e.Code == pqerror.QueryCanceled && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if unavailable(e) {
		return ErrUnavailable.Wrap(err)
	}
	return err
}

func unavailable(e *pq.Error) bool {
	switch e.Code {
	case pqerror.ProtocolViolation: // a mistake of ours, such as a wrong number of arguments
		return false
	case pqerror.QueryCanceled, pqerror.LockNotAvailable, pqerror.ReadOnlySQLTransaction,
		pqerror.IdleInTransactionSessionTimeout:
		return true
	case pqerror.ObjectNotInPrerequisiteState: // the database takes no connections, or a statement makes no sense
		return e.Fatal()
	case pqerror.InvalidCatalogName: // the database is being restored, or was never made
		return e.Fatal()
	case pqerror.InternalError:
		return outOfSpace(e)
	}
	return e.Code.Class() == "08" || e.Code.Class() == "53" || strings.HasPrefix(string(e.Code), "57P")
}

// outOfSpace finds a full disk that PostgreSQL does not report as one, such as a file that may not grow. Its own
// words are in the language of the server, the names of the routines are not.
func outOfSpace(e *pq.Error) bool {
	switch e.Routine {
	case "mdextend", "mdzeroextend", "mdwrite", "mdwritev", "BufFileDumpBuffer", "XLogWrite":
		return true
	}
	return strings.Contains(e.Message, "No space left on device") || strings.Contains(e.Message, "File too large")
}

// Unavailable reports whether err, of this package or of a handle from OpenAdmin, says that the database cannot be
// reached or cannot work at the moment.
func Unavailable(err error) bool {
	if errors.Is(err, ErrUnavailable) {
		return true
	}
	if e := pq.As(err); e != nil {
		return unavailable(e)
	}
	return err != nil && lostConnection(err)
}

// unreachable reports whether err says that the database does not answer, as opposed to a bad answer.
func unreachable(ctx context.Context, err error) bool {
	if err == nil {
		return false
	}
	if e := pq.As(err); e != nil {
		return e.Fatal() && unavailable(e)
	}
	return lostConnection(err) && (ctx.Err() == nil || errors.Is(err, os.ErrDeadlineExceeded))
}

// answered reports whether the database had its say.
func answered(err error) bool {
	return err == nil || errors.Is(err, ErrNoRows) || pq.As(err) != nil
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
