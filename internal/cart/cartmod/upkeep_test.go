package cartmod_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
)

func TestACartWhoseTimeIsOverHasExpired(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	s.admin(`UPDATE cart.carts SET expires_at = now() - interval '1 second'`)

	assert.Equal(t, "expired", b.must(http.MethodGet, "", "").Status)
	b.do(http.MethodPatch, "", `{"note": "late"}`).refuses(t, 409, "cart_not_open")
	_, err := s.freeze(b, "co_1")
	assert.ErrorIs(t, err, cart.ErrNotOpen)
}

func TestEveryChangeMakesACartLiveOn(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	s.admin(`UPDATE cart.carts SET expires_at = now() + interval '1 minute'`)

	b.must(http.MethodPatch, "", `{"note": "still here"}`)

	livesThirtyDays(t, b.ExpiresAt)
}

// livesThirtyDays wants an end that is promised to a cart that was changed just now.
func livesThirtyDays(t *testing.T, end time.Time) {
	t.Helper()
	const promised = 30 * 24 * time.Hour
	assert.WithinRange(t, end, time.Now().Add(promised-time.Minute), time.Now().Add(promised+time.Hour))
	assert.Equal(t, end.Truncate(time.Hour), end)
}

func TestTheSweeperMarksWhatHasExpiredAndNothingElse(t *testing.T) {
	s := newShop(t)
	due, kept, held, abandoned := s.ready(), s.ready(), s.ready(), s.ready()
	_, err := s.freeze(held, "co_held")
	require.NoError(t, err)
	_, err = s.module.Service().Freeze(t.Context(), cart.FreezeRequest{Reference: "co_abandoned", CartID: abandoned.uuid(), Until: time.Now().Add(-time.Second)})
	require.NoError(t, err)
	s.admin(`UPDATE cart.carts SET expires_at = now() - interval '1 second' WHERE id <> $1`, kept.uuid())

	stop := periodictest.Run(t, s.module.Run)
	assert.Eventually(t, func() bool { return s.status(due) == cart.StatusExpired && s.status(abandoned) == cart.StatusExpired },
		10*time.Second, 10*time.Millisecond)
	stop()

	assert.Equal(t, cart.StatusOpen, s.status(kept))
	assert.Equal(t, cart.StatusCheckingOut, s.status(held))
}

func TestVerifyFindsWhatDoesNotAddUp(t *testing.T) {
	tests := []struct {
		name, invariant string
		plant           []string
	}{
		{"a total that differs from its lines", "cart.totals_equal_lines",
			[]string{`UPDATE cart.carts SET subtotal = subtotal + 1, total = total + 1`}},
		{"a tax that differs from its lines", "cart.totals_equal_lines", []string{`UPDATE cart.carts SET tax = tax + 1`}},
		{"a line that is gone", "cart.totals_equal_lines", []string{`DELETE FROM cart.cart_lines`}},
		{"a line that is not its price times its quantity", "cart.line_is_price_times_quantity", []string{`UPDATE cart.cart_lines SET quantity = 7`}},
		{"a line without its cart", "cart.nothing_without_cart", []string{`UPDATE cart.cart_lines SET cart_id = id`,
			`UPDATE cart.carts SET subtotal = 0, tax = shipping_tax, total = shipping + CASE WHEN tax_included THEN 0 ELSE shipping_tax END`}},
		{"a freeze without its cart", "cart.nothing_without_cart", []string{
			`INSERT INTO cart.freezes (reference, cart_id, state, snapshot, until) VALUES ('a', gen_random_uuid(), 'closed', '{}', now())`}},
		{"two checkouts of one cart", "cart.one_active_freeze", []string{`DROP INDEX cart.freezes_one_active_per_cart`,
			`INSERT INTO cart.freezes (reference, cart_id, state, snapshot, until) SELECT r, id, 'active', '{}', now() FROM cart.carts, unnest(ARRAY['a', 'b']) r`,
			`UPDATE cart.carts SET status = 'checking_out'`}},
		{"a cart that nobody checks out", "cart.held_is_checking_out", []string{`UPDATE cart.carts SET status = 'checking_out'`}},
		{"an open cart that is held", "cart.held_is_checking_out",
			[]string{`INSERT INTO cart.freezes (reference, cart_id, state, snapshot, until) SELECT 'a', id, 'active', '{}', now() FROM cart.carts`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			s.ready()
			s.verify(t)

			for _, statement := range tt.plant {
				s.admin(statement)
			}
			found, err := s.module.Verify(t.Context())

			require.NoError(t, err)
			require.Len(t, found, 1)
			assert.Equal(t, tt.invariant, found[0].Invariant)
			s.admin(`TRUNCATE cart.carts, cart.cart_lines, cart.freezes`)
		})
	}
}

func TestTheDatabaseRefusesWhatTheRulesForbid(t *testing.T) {
	s := newShop(t)
	s.ready()
	for _, statement := range []string{
		`UPDATE cart.carts SET total = total + 1`,
		`UPDATE cart.carts SET status = 'completed'`,
		`UPDATE cart.carts SET status = 'lost'`,
		`UPDATE cart.carts SET version = 0`,
		`UPDATE cart.carts SET token_version = 0`,
		`UPDATE cart.carts SET currency = 'eur'`,
		`UPDATE cart.carts SET country = 'DEU'`,
		`UPDATE cart.carts SET shipping_tax = -1`,
		`UPDATE cart.carts SET subtotal = -1, discount = 0, shipping = 1, tax = 0, total = 0`,
		`UPDATE cart.cart_lines SET unit_price = -1`,
		`UPDATE cart.carts SET order_id = gen_random_uuid()`,
		`UPDATE cart.cart_lines SET quantity = 0`,
		`INSERT INTO cart.cart_lines SELECT gen_random_uuid(), cart_id, 1, variant_id, 1, metadata, metadata_hash, product, 0, 0, 0, 0, 0 FROM cart.cart_lines`,
		`INSERT INTO cart.freezes (reference, cart_id, state) SELECT 'a', id, 'active' FROM cart.carts`,
		`INSERT INTO cart.freezes (reference, cart_id, state, snapshot, until) SELECT 'a', id, 'lost', '{}', now() FROM cart.carts`,
	} {
		_, err := s.db.Admin().Exec(t.Context(), statement)

		assert.Error(t, err, statement)
	}
}

// A cart is read, its variants and prices are asked for, and it is saved: a change costs no more than that.
func TestAChangeAsksEachOwnerOnce(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	s.set(func(o *owners) { clear(o.calls) })

	b.must(http.MethodPost, "/lines", `{"lines": [{"sku": "MUG", "quantity": 1}, {"sku": "TEE-M", "quantity": 1}]}`)

	s.mu.Lock()
	defer s.mu.Unlock()
	assert.Equal(t, map[string]int{"channels.Channel": 1, "catalog.Variants": 1, "pricing.Prices": 1, "tax.Calculate": 1,
		"fulfillment.Option": 1, "inventory.Availability": 1}, s.calls)
}

func (s *shop) admin(statement string, args ...any) {
	s.t.Helper()
	_, err := s.db.Admin().Exec(s.t.Context(), statement, args...)
	require.NoError(s.t, err)
}

func (s *shop) status(b *basket) string {
	var status string
	assert.NoError(s.t, s.db.Admin().Get(s.t.Context(), &status, `SELECT status FROM cart.carts WHERE id = $1`, b.uuid()))
	return status
}
