package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// insertion is an attempt that is new, and how long whoever inserts it asks the provider himself.
type insertion struct {
	attempt.Attempt
	asking time.Duration
}

// Insert implements paying.Store. What no transaction and no provider takes part in is inserted together with what others
// insert at the moment.
func (s Store) Insert(ctx context.Context, a attempt.Attempt, asking time.Duration) (inserted bool, err error) {
	wanted := insertion{a, asking}
	if s.q == s.db && s.lazy(a) {
		inserted, err = s.authorizing.Do(ctx, wanted)
	} else {
		var all []bool
		if all, err = s.insert(ctx, []insertion{wanted}); err == nil {
			inserted = all[0]
		}
	}
	if err != nil {
		return false, fmt.Errorf("insert attempt: %w", err)
	}
	return inserted, nil
}

// lazy says that an attempt's commit need not wait for the disk.
func (s Store) lazy(a attempt.Attempt) bool {
	return s.cfg.LazyCommit && a.Status == payments.StatusAuthorized
}

// insert writes those whose reference is new. All of them are lazy, or there is one.
func (s Store) insert(ctx context.Context, wanted []insertion) ([]bool, error) {
	const query = `
		WITH durability AS (
			SELECT set_config('synchronous_commit', CASE WHEN $2 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
		)
		INSERT INTO payments.attempts (id, reference, method, token, status, currency, amount, authorized, decline_code, return_url,
			asking_until, next_ask_at)
		SELECT n.id, n.reference, n.method, n.token, n.status, n.currency, n.amount, n.authorized, n.decline_code, n.return_url,
			now() + n.asking * interval '1 second', now() + n.asking * interval '1 second'
		FROM durability, json_to_recordset($1::json) AS n(id uuid, reference text, method text, token text, status text, currency text,
			amount bigint, authorized bigint, decline_code text, return_url text, asking float8)
		ON CONFLICT (reference) DO NOTHING
		RETURNING id`
	documents := make([]newAttempt, len(wanted))
	for i, w := range wanted {
		documents[i] = newAttempt{ID: w.ID, Reference: w.Reference, Method: w.Method, Token: w.Token, Status: w.Status, Currency: w.Currency,
			Amount: w.Amount, Authorized: w.Authorized, DeclineCode: w.DeclineCode, ReturnURL: w.ReturnURL, Asking: w.asking.Seconds()}
	}
	// In one order everywhere, so that two statements do not wait for each other's references.
	slices.SortFunc(documents, func(a, b newAttempt) int { return cmp.Compare(a.Reference, b.Reference) })
	var inserted []string
	if err := s.q.Select(ctx, &inserted, query, sqldb.JSON{V: documents}, s.lazy(wanted[0].Attempt)); err != nil {
		return nil, err
	}
	answers := make([]bool, len(wanted))
	for i, w := range wanted {
		answers[i] = slices.Contains(inserted, w.ID)
	}
	return answers, nil
}

// newAttempt is an attempt as insert gets it. One document for all makes the statement the same for any number.
type newAttempt struct {
	ID          string  `json:"id"`
	Reference   string  `json:"reference"`
	Method      string  `json:"method"`
	Token       string  `json:"token"`
	Status      string  `json:"status"`
	Currency    string  `json:"currency,omitempty"`
	Amount      int64   `json:"amount"`
	Authorized  int64   `json:"authorized"`
	DeclineCode string  `json:"decline_code"`
	ReturnURL   string  `json:"return_url"`
	Asking      float64 `json:"asking"`
}
