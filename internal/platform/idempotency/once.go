package idempotency

import (
	"context"
	"errors"
	"net/http"

	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Once is middleware that carries out a request with an Idempotency-Key once and answers its repetitions with the same
// bytes. keysOf says in which module's keys it is kept; nil lets a request through as one without a key.
//
// Key, work and answer are one transaction (sqldb.Hold), so whatever crashes, either all of them are there or none. What is
// not a success is not kept: then nothing was done, and the key may be used again.
func Once(keysOf func(r *http.Request) *Keys) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(r.Header.Values(Header)) == 0 {
				next.ServeHTTP(w, r)
				return
			}
			keys := keysOf(r)
			if keys == nil {
				next.ServeHTTP(w, r)
				return
			}
			a, err := keys.once(r, next)
			if err != nil {
				problem.Write(w, r, err)
				return
			}
			a.send(w)
		})
	}
}

func (k *Keys) once(r *http.Request, next http.Handler) (*answer, error) {
	req, err := read(r)
	if err != nil {
		return nil, err
	}
	earlier, err := k.answered(r.Context(), req)
	if earlier != nil || err != nil {
		return earlier, err
	}
	a, err := k.carryOut(r, req, next)
	if err == nil && a.final() {
		return a, nil
	}
	// A request with the same key may have been carried out since, and may be the very reason for the refusal.
	earlier, lookErr := k.answered(r.Context(), req)
	if earlier != nil || errors.Is(lookErr, ErrReused) {
		return earlier, lookErr
	}
	return a, err
}

// carryOut returns the handler's answer once everything is durable, or an answer or error after which nothing was done.
func (k *Keys) carryOut(r *http.Request, req request, next http.Handler) (*answer, error) {
	var refusal error
	ctx, hold := sqldb.NewHold(r.Context(), func(ctx context.Context, tx *sqldb.Tx) error {
		refusal = k.claim(ctx, tx, req)
		return refusal
	})
	defer hold.Rollback()
	a := &answer{header: http.Header{}}
	next.ServeHTTP(a, r.WithContext(ctx))
	if refusal != nil {
		return nil, refusal
	}
	a.WriteHeader(http.StatusOK) // as net/http does for a handler that says nothing
	if !a.final() {
		return a, nil
	}
	if err := k.finish(ctx, hold, req, a); err != nil {
		return nil, err
	}
	return a, nil
}

// finish keeps the answer with the work, or alone when there was nothing to do.
func (k *Keys) finish(ctx context.Context, hold *sqldb.Hold, req request, a *answer) error {
	tx := hold.Tx()
	if tx == nil {
		return k.keep(ctx, k.db, req, a)
	}
	if err := k.keep(ctx, tx, req, a); err != nil {
		return err
	}
	return hold.Commit(ctx)
}
