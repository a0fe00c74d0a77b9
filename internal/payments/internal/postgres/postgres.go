// Package postgres keeps payment attempts, their movements, the ledger, what providers told and what a person has to look
// at in the schema "payments".
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
)

// Config is what a Store needs beside its database.
type Config struct {
	Outbox *outbox.Outbox
	NewID  func() string
	// LazyCommit lets an authorization that no provider took part in be committed without waiting for the disk. It is safe
	// only where the order that follows is committed by the same server, because that commit makes this one durable too.
	LazyCommit bool
}

// Store implements paying.Store and paying.Backlog.
type Store struct {
	db  *sqldb.DB
	q   sqldb.Queryer
	cfg Config
	// authorizing writes what is authorized without a provider: a busy shop does so several times at every moment.
	authorizing *together.Group[insertion, bool]
}

// New returns a store that runs each statement on its own.
func New(db *sqldb.DB, cfg Config) Store {
	s := Store{db: db, q: db, cfg: cfg}
	s.authorizing = together.New(db, s.insert)
	return s
}

// InTx implements paying.Store.
func (s Store) InTx(ctx context.Context, do func(tx paying.Store) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return do(Store{db: s.db, q: tx, cfg: s.cfg}) })
}

// InInbox implements paying.Inbox.
func (s Store) InInbox(ctx context.Context, do func(tx paying.Inbox) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return do(Store{db: s.db, q: tx, cfg: s.cfg}) })
}

// row is an attempt as its table has it.
type row struct {
	ID            string     `db:"id"`
	Reference     string     `db:"reference"`
	Method        string     `db:"method"`
	Token         string     `db:"token"`
	Status        string     `db:"status"`
	Currency      *string    `db:"currency"`
	Amount        int64      `db:"amount"`
	Authorized    int64      `db:"authorized"`
	Capturing     int64      `db:"capturing"`
	Captured      int64      `db:"captured"`
	Refunding     int64      `db:"refunding"`
	Refunded      int64      `db:"refunded"`
	DeclineCode   string     `db:"decline_code"`
	Seq           int64      `db:"event_seq"`
	ProviderRef   string     `db:"provider_ref"`
	ReturnURL     string     `db:"return_url"`
	ActionURL     string     `db:"action_url"`
	ActionExpires *time.Time `db:"action_expires_at"`
	ActionOver    bool       `db:"action_over"`
	GivenUp       bool       `db:"given_up"`
	GivingBack    bool       `db:"giving_back"`
	Age           float64    `db:"age"`
}

// columns are those of row. They are the same in every query that reads an attempt.
const columns = `
	a.id, a.reference, a.method, a.token, a.status, a.currency, a.amount, a.authorized, a.capturing, a.captured, a.refunding,
	a.refunded, a.decline_code, a.event_seq, a.provider_ref, a.return_url, a.action_url, a.action_expires_at,
	coalesce(a.action_expires_at <= now(), false) AS action_over, a.given_up_at IS NOT NULL AS given_up, a.giving_back,
	extract(epoch FROM now() - a.created_at)::float8 AS age`

func (r row) attempt() attempt.Attempt {
	a := attempt.Attempt{ID: r.ID, Reference: r.Reference, Method: r.Method, Token: r.Token, Status: r.Status,
		DeclineCode: r.DeclineCode, Amount: r.Amount, Authorized: r.Authorized, Capturing: r.Capturing, Captured: r.Captured,
		Refunding: r.Refunding, Refunded: r.Refunded, Seq: r.Seq, ProviderRef: r.ProviderRef, ReturnURL: r.ReturnURL,
		ActionURL: r.ActionURL, ActionOver: r.ActionOver, GivenUp: r.GivenUp, GivingBack: r.GivingBack,
		Age: time.Duration(r.Age * float64(time.Second))}
	if r.Currency != nil {
		a.Currency = *r.Currency
	}
	if r.ActionExpires != nil {
		a.ActionExpires = r.ActionExpires.UTC()
	}
	return a
}

// Attempt implements paying.Store.
func (s Store) Attempt(ctx context.Context, reference string) (attempt.Attempt, error) {
	const query = `SELECT ` + columns + ` FROM payments.attempts a WHERE a.reference = $1`
	return s.attempt(ctx, query, reference)
}

// Lock implements paying.Store.
func (s Store) Lock(ctx context.Context, reference string) (attempt.Attempt, error) {
	const query = `SELECT ` + columns + ` FROM payments.attempts a WHERE a.reference = $1 FOR UPDATE`
	return s.attempt(ctx, query, reference)
}

func (s Store) attempt(ctx context.Context, query string, args ...any) (attempt.Attempt, error) {
	var found row
	err := s.q.Get(ctx, &found, query, args...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return attempt.Attempt{}, payments.ErrNotFound
	}
	if err != nil {
		return attempt.Attempt{}, fmt.Errorf("read attempt: %w", err)
	}
	return found.attempt(), nil
}

// Save implements paying.Store.
func (s Store) Save(ctx context.Context, a attempt.Attempt, next time.Duration) error {
	const query = `
		UPDATE payments.attempts
		SET token = $2, status = $3, authorized = $4, capturing = $5, captured = $6, refunding = $7, refunded = $8,
			decline_code = $9, event_seq = $10, currency = nullif($11, ''), amount = $12, provider_ref = $13, return_url = $14,
			action_url = $15, action_expires_at = $16, giving_back = $17, method = $19, updated_at = now(),
			asking_until = now(), next_ask_at = now() + $18 * interval '1 second' * (0.9 + 0.2 * random())
		WHERE id = $1`
	var expires *time.Time
	if !a.ActionExpires.IsZero() {
		expires = &a.ActionExpires
	}
	_, err := s.q.Exec(ctx, query, a.ID, a.Token, a.Status, a.Authorized, a.Capturing, a.Captured, a.Refunding, a.Refunded,
		a.DeclineCode, a.Seq, a.Currency, a.Amount, a.ProviderRef, a.ReturnURL, a.ActionURL, expires, a.GivingBack, next.Seconds(), a.Method)
	if err != nil {
		return fmt.Errorf("save attempt: %w", err)
	}
	return nil
}

// Announce implements paying.Store.
func (s Store) Announce(ctx context.Context, a attempt.Attempt, event outbox.Event) error {
	return s.cfg.Outbox.Append(ctx, s.q, outbox.Record{
		AggregateType: aggregate, AggregateID: a.Reference, Seq: a.Seq, Event: event})
}

// aggregate is what events of this module are about.
const aggregate = "payment_attempt"
