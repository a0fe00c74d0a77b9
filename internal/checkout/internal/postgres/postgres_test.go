package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

type fixture struct {
	t     *testing.T
	admin *sqldb.DB
	*postgres.Store
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	db := testdb.New(t)
	pool := db.Module("checkout")
	return fixture{t, db.Admin(), postgres.New(postgres.Config{DB: pool, LazyCommit: true})}
}

func draft(cartID, key string) attempt.Attempt {
	id := ids.New()
	expected := money.MustNew(0, "EUR")
	return attempt.Attempt{ID: id, Reference: ids.Encode(checkout.CheckoutPrefix, id), Status: checkout.StatusStarted,
		CartID: cartID, Scope: "scope", Key: key, RequestHash: "hash", PaymentToken: "tok",
		Terms: attempt.Terms{Method: "fake", ExpectedVersion: 2, ExpectedTotal: &expected, ReturnURL: "https://shop.example/"}}
}

func (f fixture) begin(a attempt.Attempt) attempt.Attempt {
	f.t.Helper()
	begun, ok, err := f.Begin(f.t.Context(), a, time.Hour)
	require.NoError(f.t, err)
	require.True(f.t, ok)
	return begun
}

func (f fixture) exec(query string) {
	f.t.Helper()
	_, err := f.admin.Exec(f.t.Context(), query)
	require.NoError(f.t, err)
}

func (f fixture) complete(a attempt.Attempt) attempt.Attempt {
	f.t.Helper()
	order := orders.Placed{OrderID: ids.New(), Order: orders.View{Number: "1001", PlacedAt: time.Now().UTC()}}
	zero := money.MustNew(0, "EUR")
	order.Order.Totals = orders.Totals{Subtotal: zero, Discount: zero, Shipping: zero, Tax: zero, Total: zero}
	order.Order.Payment = orders.ViewPayment{Authorized: zero, Captured: zero, Refunded: zero}
	require.NoError(f.t, a.Complete(order))
	require.NoError(f.t, f.Save(f.t.Context(), a))
	return a
}

func TestAnAttemptComesBackAsItWasWritten(t *testing.T) {
	f := newFixture(t)
	wanted := draft(ids.New(), "key")

	begun := f.begin(wanted)
	loaded, err := f.Load(t.Context(), wanted.ID)
	require.NoError(t, err)

	begun.ReadAt = loaded.ReadAt
	assert.Equal(t, begun, loaded)
	assert.WithinDuration(t, time.Now().Add(time.Hour), loaded.Deadline, time.Minute)
	wanted.Deadline, wanted.Leased, wanted.Epoch, wanted.TokenVersion = loaded.Deadline, true, 1, 1
	wanted.EndsAt, wanted.HeldUntil = loaded.Deadline, loaded.Deadline.Add(attempt.HoldMargin)
	wanted.ReadAt, wanted.CreatedAt = loaded.ReadAt, loaded.CreatedAt
	assert.Equal(t, wanted, loaded)
	_, err = f.Load(t.Context(), ids.New())
	assert.ErrorIs(t, err, checkout.ErrNotFound)
}

func TestAKeyAndACartHaveOneAttempt(t *testing.T) {
	f := newFixture(t)
	cartID := ids.New()
	first := f.begin(draft(cartID, "key-1"))
	refused := func(a attempt.Attempt) {
		t.Helper()
		_, begun, err := f.Begin(t.Context(), a, time.Hour)
		require.NoError(t, err)
		assert.False(t, begun)
	}

	refused(draft("", "key-1"))
	refused(draft(cartID, "key-2"))
	f.complete(first)
	refused(draft(cartID, "key-2")) // a cart becomes one order
	f.begin(draft("", "key-2"))

	canceled := f.begin(draft(ids.New(), "key-3"))
	require.NoError(t, canceled.Cancel(checkout.ErrPriceChanged))
	require.NoError(t, canceled.Undone())
	require.NoError(t, f.Save(t.Context(), canceled))
	f.begin(draft(canceled.CartID, "key-3"))
}

func TestTheAttemptOfTheKeyIsFoundBeforeTheCarts(t *testing.T) {
	f := newFixture(t)
	cartID := ids.New()
	declined := f.begin(draft(cartID, "key-1"))
	require.NoError(t, declined.Cancel(checkout.ErrPaymentDeclined))
	require.NoError(t, declined.Undone())
	require.NoError(t, f.Save(t.Context(), declined))
	live := f.begin(draft(cartID, "key-2"))
	find := func(key, cartID string) (string, bool) {
		found, ok, err := f.Find(t.Context(), "scope", key, cartID)
		require.NoError(t, err)
		return found.ID, ok
	}

	for _, c := range []struct {
		key, cart, want string
	}{{"key-1", cartID, declined.ID}, {"key-2", cartID, live.ID}, {"key-3", cartID, live.ID}, {"key-1", "", declined.ID}} {
		got, ok := find(c.key, c.cart)
		assert.True(t, ok)
		assert.Equal(t, c.want, got)
	}
	_, ok := find("key-3", ids.New())
	assert.False(t, ok)
	_, ok = find("key-3", "")
	assert.False(t, ok)
}

func TestALeaseHasOneHolderAndALapsedOneWritesNothing(t *testing.T) {
	f := newFixture(t)
	first := f.begin(draft(ids.New(), "key"))
	_, taken, err := f.Take(t.Context(), first.ID)
	require.NoError(t, err)
	require.False(t, taken, "it is held")

	require.NoError(t, f.LetGo(t.Context(), first))
	second, taken, err := f.Take(t.Context(), first.ID)
	require.NoError(t, err)
	require.True(t, taken)

	assert.True(t, second.Resumed())
	assert.False(t, first.Resumed())
	require.NoError(t, first.Cancel(checkout.ErrCanceled))
	require.ErrorIs(t, f.Save(t.Context(), first), completing.ErrLeaseLost)
	require.ErrorIs(t, f.LetGo(t.Context(), first), completing.ErrLeaseLost)
	require.ErrorIs(t, f.Renew(t.Context(), first), completing.ErrLeaseLost)
	loaded, err := f.Load(t.Context(), first.ID)
	require.NoError(t, err)
	assert.Equal(t, checkout.StatusStarted, loaded.Status)
	assert.True(t, loaded.Leased)
}

func TestOnlyWhatGoesOnKeepsItsLease(t *testing.T) {
	f := newFixture(t)
	a := f.begin(draft(ids.New(), "key"))
	leased := func() bool {
		loaded, err := f.Load(t.Context(), a.ID)
		require.NoError(t, err)
		return loaded.Leased
	}
	f.exec(`UPDATE checkout.attempts SET lease_until = now()`)
	require.NoError(t, a.Authorize(cart.Snapshot{Note: "n", Totals: cart.Totals{
		Subtotal: money.Zero("EUR"), Discount: money.Zero("EUR"), Shipping: money.Zero("EUR"), Tax: money.Zero("EUR"), Total: money.Zero("EUR")}}))
	require.NoError(t, f.Save(t.Context(), a))
	assert.True(t, leased())

	require.NoError(t, a.AwaitPayment())
	require.NoError(t, f.Save(t.Context(), a))
	assert.False(t, leased())

	f.complete(a)
	_, taken, err := f.Take(t.Context(), a.ID)
	require.NoError(t, err)
	assert.False(t, taken, "it has ended")
}

func TestForgettingGoesInBatches(t *testing.T) {
	f := newFixture(t)
	for _, key := range []string{"a", "b", "c"} {
		f.complete(f.begin(draft("", key)))
	}
	f.exec(`UPDATE checkout.attempts SET expires_at = now() - interval '1 second'`)

	for _, want := range []int{2, 1, 0} {
		forgotten, err := f.Forget(t.Context(), 2)
		require.NoError(t, err)
		assert.Equal(t, want, forgotten)
	}
}
