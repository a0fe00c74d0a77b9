package idempotency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

var (
	// ErrReused is the answer to a request that is not the one its key was used for.
	ErrReused = fault.New("idempotency_key_reused", "The Idempotency-Key was used for another request.")
	// ErrInProgress is the answer to a request while another one with its key is being carried out.
	ErrInProgress = fault.New("idempotency_in_progress", "The first request with this Idempotency-Key is still running.")
	// ErrAnswerLost is the answer to a request that was carried out when what it was answered can be read no more.
	ErrAnswerLost = fault.New("idempotency_answer_lost", "The request was carried out; its answer can be read no more.")
)

// Keys are the idempotency keys of one module, in its own schema.
type Keys struct {
	db      *sqldb.DB
	schema  string
	secrets [][]byte
}

// NewKeys returns the keys that a module keeps in schema, which is in the database that db does the module's work in.
// Answers are encrypted with the first secret and read with any. NewKeys panics without a secret, and on a schema that is
// not a plain identifier.
func NewKeys(db *sqldb.DB, schema string, secrets ...[]byte) *Keys {
	if len(secrets) == 0 || len(secrets[0]) == 0 {
		panic("idempotency: keys need a secret")
	}
	return &Keys{db: db, schema: checked(schema), secrets: secrets}
}

// answered returns what the request was answered before, nil when it was not carried out yet.
//
// Errors: ErrReused, ErrAnswerLost, sqldb.ErrUnavailable.
func (k *Keys) answered(ctx context.Context, req request) (*answer, error) {
	const query = `SELECT request, status, answer FROM {schema}.idempotency_keys WHERE id = $1`
	var row struct {
		Request []byte `db:"request"`
		Status  int    `db:"status"`
		Answer  []byte `db:"answer"`
	}
	err := k.db.Get(ctx, &row, in(k.schema, query), req.id())
	switch {
	case errors.Is(err, sqldb.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for idempotency key: %w", err)
	case !bytes.Equal(row.Request, req.hash):
		return nil, ErrReused
	}
	return k.unseal(req, row.Status, row.Answer)
}

// claim lets one transaction at a time do what the request asks. The lock ends with the transaction, so no crash leaves a
// key in progress. That it is done once does not rest on the lock but on the row that goes with the work.
//
// Errors: ErrInProgress, also when another one has ended since; sqldb.ErrUnavailable.
func (k *Keys) claim(ctx context.Context, tx *sqldb.Tx, req request) error {
	const query = `
		SELECT pg_try_advisory_xact_lock($1) AS mine,
			EXISTS (SELECT FROM {schema}.idempotency_keys WHERE id = $2) AS done`
	var found struct {
		Mine bool `db:"mine"`
		Done bool `db:"done"`
	}
	err := tx.Get(ctx, &found, in(k.schema, query), k.lockNumber(req), req.id())
	switch {
	case err != nil:
		return fmt.Errorf("claim idempotency key: %w", err)
	case found.Done || !found.Mine:
		return ErrInProgress
	}
	return nil
}

// keep writes the answer down.
//
// Errors: ErrInProgress when another request with the key was carried out first; sqldb.ErrUnavailable.
func (k *Keys) keep(ctx context.Context, q sqldb.Queryer, req request, a *answer) error {
	const query = `
		INSERT INTO {schema}.idempotency_keys (id, request, status, answer) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO NOTHING`
	sealed, err := k.seal(req, a)
	if err != nil {
		return err
	}
	inserted, err := q.Exec(ctx, in(k.schema, query), req.id(), req.hash, a.status, sealed)
	if err != nil {
		return fmt.Errorf("keep idempotency key: %w", err)
	}
	if inserted == 0 {
		return ErrInProgress
	}
	return nil
}

// lockNumber is what stands for the key among PostgreSQL's advisory locks. Two that happen to be equal exclude each other
// for a moment, and harm nothing else.
func (k *Keys) lockNumber(req request) int64 {
	sum := sha256.Sum256(append([]byte(k.schema+" "), req.id()...))
	return int64(binary.BigEndian.Uint64(sum[:]))
}
