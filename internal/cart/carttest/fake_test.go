package carttest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/carttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestTheFakeKeepsTheContract(t *testing.T) {
	carttest.RunContract(t, func(*testing.T) carttest.Subject {
		fake := carttest.NewFake(time.Now)
		return carttest.Subject{Service: fake, Open: func(*testing.T) (string, string) {
			id := ids.New()
			fake.Put(cart.Snapshot{CartID: id, CartVersion: 3, Channel: cart.SnapshotChannel{DeadlineMinutes: 30},
				Lines: []cart.SnapshotLine{{SKU: "TEE-M", Quantity: 2}}}, "token of "+id)
			return id, "token of " + id
		}}
	})
}

func TestTheFakeQuotesWhatItIsTold(t *testing.T) {
	fake := carttest.NewFake(time.Now)
	_, err := fake.Quote(t.Context(), cart.QuoteRequest{})
	assert.ErrorIs(t, err, cart.ErrEmpty)

	refusal := errors.New("refused")
	fake.Quotes(func(req cart.QuoteRequest) (cart.Snapshot, error) {
		return cart.Snapshot{Email: req.Email}, refusal
	})

	snapshot, err := fake.Quote(t.Context(), cart.QuoteRequest{Email: "ada@example.com"})

	assert.Equal(t, "ada@example.com", snapshot.Email)
	assert.ErrorIs(t, err, refusal)
}
