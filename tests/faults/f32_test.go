//go:build faults

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// serverSleeps stops the first server while it has checkouts in its hands, for longer than a lease lasts.
func serverSleeps(s stage) {
	first := s.Replicas[0]
	var sleeping []sleeper
	for _, place := range []string{"checkout.leased", "inventory.reserved", "payments.answered", "orders.placing", "checkout.placed"} {
		sleeping = append(sleeping, s.sleeps(place, s.atOnce()))
	}
	sleeping = append(sleeping, s.stopsInsidePlace(s.atOnce()))

	for _, one := range sleeping {
		s.becomes(one.reference, "completed")
	}
	s.Settle()
	var before []string
	for _, one := range sleeping {
		before = append(before, s.rows(one.reference))
	}
	first.Resume()

	for i, one := range sleeping {
		answer := <-one.answer
		require.Equal(s.t, http.StatusCreated, answer.Status, "%s", answer.Raw)
		require.Equal(s.t, one.reference, answer.Body.Text("id"))
		require.Equal(s.t, before[i], s.rows(one.reference), "the first server wrote after it had lost the lease")
		s.requireOrder(one.reference)
	}
	require.True(s.t, first.Ready())
}

// stopsInsidePlace stops the first server between asking PostgreSQL for the order and hearing of it.
func (s stage) stopsInsidePlace(w wish) sleeper {
	s.t.Helper()
	const waiting = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%orders.orders%'`
	var answers <-chan shop.Answer
	require.NoError(s.t, s.Admin().InTx(s.t.Context(), func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(s.t.Context(), `LOCK TABLE orders.orders IN SHARE MODE`); err != nil {
			return err
		}
		answers = s.asks(w)
		require.Eventually(s.t, func() bool { return s.Int(waiting) > 0 }, within, often, "nobody places an order")
		s.Replicas[0].Pause()
		return nil
	}))
	reference := s.reference(w)
	require.Eventually(s.t, func() bool {
		return s.Int(`SELECT count(*) FROM orders.orders WHERE reference = $1`, reference) == 1
	}, within, often, "PostgreSQL did as it was asked")
	return sleeper{wish: w, reference: reference, answer: answers}
}

// hangsUp has shoppers end their connections while the first server works for them.
func hangsUp(s stage) {
	for _, place := range []string{"checkout.begun", "payments.answered", "orders.placing"} {
		w := s.byCart()
		s.Replicas[0].Plan(place, "pause", shop.Times(1))
		ctx, hangUp := context.WithCancel(s.t.Context())
		gone := make(chan error, 1)
		go func() { gone <- s.post(ctx, w) }()
		s.Replicas[0].WaitFor(place)

		hangUp()
		require.ErrorIs(s.t, <-gone, context.Canceled)
		reference := s.reference(w)
		shop.Never(s.t, func() bool { return s.Replicas[0].Hits(place) != 1 }, 100*time.Millisecond, often, place)
		s.Replicas[0].Release(place)

		s.becomes(reference, "completed")
		require.EqualValues(s.t, 1, s.Int(`SELECT lease_epoch FROM checkout.attempts WHERE reference = $1`, reference), "the request itself went on")
		s.Settle()
		s.requireOrder(reference)
	}
}

// post asks the first server once, over a connection that ends with ctx.
func (s stage) post(ctx context.Context, w wish) error {
	body, err := json.Marshal(w.body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.At(0).URL+checkouts, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for _, header := range append(w.headers, shop.Header{Name: "Content-Type", Value: "application/json"}, shop.Once(w.key)) {
		req.Header.Set(header.Name, header.Value)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}
