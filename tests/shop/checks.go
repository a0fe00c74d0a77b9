package shop

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
)

// leaseLimit is how long work that a killed server had claimed may be left lying, and the time to do it.
const leaseLimit = 60 * time.Second

// idleLimit is how long a transaction may do nothing.
const idleLimit = time.Second

// CheckAll waits until no event is on its way and wants everything to be as it always must be: every invariant, no
// deadlock, no forgotten transaction, and a provider that tells of the same money.
func (h *House) CheckAll() {
	h.t.Helper()
	h.Settle()
	h.CheckJournal()
	h.Verify()
	h.CheckLeaks()
	require.Equal(h.t, h.deadlocks, h.Deadlocks(), "the database saw deadlocks")
}

// Settle waits until no event is on its way, as long as it takes to pick up what a killed server had begun. It needs a
// running server.
func (h *House) Settle() {
	h.t.Helper()
	require.NotEmpty(h.t, h.running(), "no server runs that could deliver events")
	require.Eventually(h.t, func() bool { return h.underway() == 0 }, leaseLimit, probeEvery, "events are still on their way")
}

// Quiesce is Settle that also waits until no checkout is alive, such as one that a killed server had begun.
func (h *House) Quiesce(within time.Duration) {
	h.t.Helper()
	const live = `SELECT count(*) FROM checkout.attempts WHERE status NOT IN ('completed', 'canceled', 'review')`
	require.Eventually(h.t, func() bool { return h.IntOf("checkout", live) == 0 }, within, probeEvery, "checkouts are still alive")
	h.Settle()
}

// Redeliver makes due at once what a killed server was delivering, which would wait for the end of its lease for up to 30 s.
func (h *House) Redeliver() {
	h.t.Helper()
	for _, schema := range announcing() {
		_, err := h.Of(schema).Exec(context.Background(), `UPDATE `+schema+`.outbox_deliveries SET run_at = now() WHERE dead_at IS NULL`)
		require.NoError(h.t, err)
	}
}

// CheckLeaks wants no transaction that is left open and no connection that a server does not give back.
func (h *House) CheckLeaks() {
	h.t.Helper()
	const open = `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = $1 AND state LIKE 'idle in transaction%'`
	require.Eventually(h.t, func() bool { return h.inAll(open, application) == 0 }, idleLimit, probeEvery, "transactions are left open")
	for i, r := range h.running() {
		require.Eventually(h.t, func() bool {
			inUse, known := r.Metric("rialto_database_connections_in_use")
			return known && inUse == 0
		}, settleLimit, probeEvery, "process %d does not give connections back", i)
	}
}

// sums is money that was taken and given back, in minor units.
type sums struct {
	Captured int64 `db:"captured"`
	Refunded int64 `db:"refunded"`
}

// CheckJournal wants the provider's journal to tell of the same money as the ledger, and every authorization that still
// holds money to belong to a placed order or to a payment that is not over.
func (h *House) CheckJournal() {
	h.t.Helper()
	if h.Provider == nil {
		return
	}
	require.True(h.t, h.Provider.process.running(), "the provider does not run")
	journal := h.Provider.Journal()
	require.Equal(h.t, h.ledger(), moved(journal), "ledger and journal of the provider differ")
	var homeless []string
	for _, held := range holding(journal) {
		if h.IntOf("orders", orderThatStands, held.Reference)+h.IntOf("payments", paymentNotOver, held.Reference) == 0 {
			homeless = append(homeless, fmt.Sprintf("%s for %s (key %s)", held.ID, held.Reference, held.Key))
		}
	}
	require.Empty(h.t, homeless, "the provider holds money that nobody knows of")
	require.Empty(h.t, heldTwice(journal), "the provider holds money twice for these references")
}

// Who knows of a hold: an order that stands, or a payment that is not over.
const (
	orderThatStands = `SELECT count(*) FROM orders.orders WHERE reference = $1 AND status <> 'canceled'`
	paymentNotOver  = `SELECT count(*) FROM payments.attempts WHERE reference = $1 AND status NOT IN ('voided', 'declined', 'expired')`
)

// ledger adds up what the shop has written down of money that a provider moved, by reference.
func (h *House) ledger() map[string]sums {
	h.t.Helper()
	const query = `SELECT t.reference,
		coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)::bigint AS captured,
		coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0)::bigint AS refunded
		FROM payments.ledger_transactions t
		JOIN payments.attempts a ON a.reference = t.reference AND a.method = 'fake'
		JOIN payments.ledger_entries e ON e.transaction_id = t.id AND e.account = 'provider'
		GROUP BY t.reference`
	var found []struct {
		Reference string `db:"reference"`
		sums
	}
	require.NoError(h.t, h.Of("payments").Select(context.Background(), &found, query))
	byReference := map[string]sums{}
	for _, f := range found {
		byReference[f.Reference] = f.sums
	}
	return byReference
}

// moved adds up captures and refunds, by reference.
func moved(journal []fakeprovider.Entry) map[string]sums {
	byReference := map[string]sums{}
	for _, e := range journal {
		s := byReference[e.Reference]
		switch e.Op {
		case fakeprovider.OpCapture:
			s.Captured += e.Amount
		case fakeprovider.OpRefund:
			s.Refunded += e.Amount
		}
		byReference[e.Reference] = s
	}
	maps.DeleteFunc(byReference, func(_ string, s sums) bool { return s == sums{} })
	return byReference
}

// holding are the entries that made the authorizations which still hold money: not over, and not captured.
func holding(journal []fakeprovider.Entry) []fakeprovider.Entry {
	made, held := map[string]fakeprovider.Entry{}, map[string]bool{}
	for _, e := range journal {
		switch {
		case e.Op == fakeprovider.OpCapture:
			held[e.Authorization] = false
		case e.Op == fakeprovider.OpAuthorize:
			made[e.Authorization] = e
			held[e.Authorization] = e.Status == fakeprovider.StatusAuthorized
		case e.Op != fakeprovider.OpRefund:
			held[e.Authorization] = e.Status == fakeprovider.StatusAuthorized
		}
	}
	maps.DeleteFunc(made, func(id string, _ fakeprovider.Entry) bool { return !held[id] })
	return slices.SortedFunc(maps.Values(made), func(a, b fakeprovider.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
}

// heldTwice are the references for which more than one authorization holds money or has taken it.
func heldTwice(journal []fakeprovider.Entry) []string {
	charged := map[string]map[string]bool{}
	add := func(e fakeprovider.Entry) {
		if charged[e.Reference] == nil {
			charged[e.Reference] = map[string]bool{}
		}
		charged[e.Reference][e.Authorization] = true
	}
	for _, e := range holding(journal) {
		add(e)
	}
	for _, e := range journal {
		if e.Op == fakeprovider.OpCapture {
			add(e)
		}
	}
	maps.DeleteFunc(charged, func(_ string, authorizations map[string]bool) bool { return len(authorizations) < 2 })
	return slices.Sorted(maps.Keys(charged))
}
