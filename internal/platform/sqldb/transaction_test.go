package sqldb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// A session remembers nothing of an earlier transaction: not of its kind, and not of its context.
func TestTransactionsOfBothKindsShareASession(t *testing.T) {
	for name, ends := range map[string]bool{"that goes on": false, "that has ended": true} {
		t.Run("after a context "+name, func(t *testing.T) {
			db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			must(t, db.InReadTx(ctx, func(*sqldb.Tx) error { return nil }))
			if ends {
				cancel()
			}
			pids := map[int]bool{}
			for range 4 {
				must(t, db.InTx(t.Context(), func(tx *sqldb.Tx) error {
					var pid int
					err := tx.Get(t.Context(), &pid, `SELECT pg_backend_pid()`)
					pids[pid] = true
					return err
				}))
			}
			if len(pids) != 1 {
				t.Errorf("%d sessions were used", len(pids))
			}
		})
	}
}

// A COMMIT that takes long, as one does that waits for a standby, is waited for no longer than the context lasts.
func TestACommitIsNotWaitedForBeyondItsContext(t *testing.T) {
	db := newDatabase(t).Admin()
	for _, statement := range []string{
		`CREATE TABLE public.slow (n int)`,
		`CREATE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$`,
		`CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON public.slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.slowly()`,
	} {
		_, err := db.Exec(t.Context(), statement)
		must(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()

	err := db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO public.slow VALUES (1)`)
		return err
	})

	if took := time.Since(begun); took > 2*time.Second || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("after %s: %v", took, err)
	}
	must(t, db.Ping(t.Context()))
}
