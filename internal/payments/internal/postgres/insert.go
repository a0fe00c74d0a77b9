package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
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
			SELECT set_config('synchronous_commit', CASE WHEN $1 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
		)
		INSERT INTO payments.attempts (id, reference, method, token, status, currency, amount, authorized, decline_code, return_url,
			asking_until, next_ask_at)
		SELECT n.id, n.reference, n.method, n.token, n.status, nullif(n.currency, ''), n.amount, n.authorized, n.decline_code, n.return_url,
			now() + n.asking * interval '1 second', now() + n.asking * interval '1 second'
		FROM durability, unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
			$10::text[], $11::text[], $12::float8[])
			AS n (id, reference, method, token, status, currency, amount, authorized, decline_code, return_url, asking)
		ON CONFLICT (reference) DO NOTHING
		RETURNING id`
	var c columnsOfNew
	// In one order everywhere, so that two statements do not wait for each other's references.
	for _, w := range slices.SortedFunc(slices.Values(wanted), func(a, b insertion) int { return cmp.Compare(a.Reference, b.Reference) }) {
		c.add(w)
	}
	var inserted []string
	err := s.q.Select(ctx, &inserted, query, s.lazy(wanted[0].Attempt), c.ids, c.references, c.methods, c.tokens, c.statuses,
		c.currencies, c.amounts, c.authorized, c.declineCodes, c.returnURLs, c.asking)
	if err != nil {
		return nil, err
	}
	answers := make([]bool, len(wanted))
	for i, w := range wanted {
		answers[i] = slices.Contains(inserted, w.ID)
	}
	return answers, nil
}

// columnsOfNew are new attempts by column: arrays make the statement the same for any number of them.
type columnsOfNew struct {
	ids, references, methods, tokens, statuses, currencies, declineCodes, returnURLs []string
	amounts, authorized                                                              []int64
	asking                                                                           []float64
}

func (c *columnsOfNew) add(i insertion) {
	c.ids, c.references, c.methods = append(c.ids, i.ID), append(c.references, i.Reference), append(c.methods, i.Method)
	c.tokens, c.statuses, c.currencies = append(c.tokens, i.Token), append(c.statuses, i.Status), append(c.currencies, i.Currency)
	c.declineCodes, c.returnURLs = append(c.declineCodes, i.DeclineCode), append(c.returnURLs, i.ReturnURL)
	c.amounts, c.authorized = append(c.amounts, i.Amount), append(c.authorized, i.Authorized)
	c.asking = append(c.asking, i.asking.Seconds())
}
