package cart_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/carttest"
)

// A checkout freezes a cart under its own reference. Giving up may arrive before the freeze it undoes; the freeze that
// comes too late is refused.
func ExampleService() {
	ctx := context.Background()
	fake := carttest.NewFake(time.Now)
	fake.Put(cart.Snapshot{CartID: "c1", CartVersion: 4, Email: "ada@example.com"}, "token")
	var carts cart.Service = fake

	until := time.Now().Add(30 * time.Minute)
	snapshot, _ := carts.Freeze(ctx, cart.FreezeRequest{Reference: "co_1", CartID: "c1", Until: until})
	fmt.Println(snapshot.Email)

	_, err := carts.Freeze(ctx, cart.FreezeRequest{Reference: "co_2", CartID: "c1", Until: until})
	fmt.Println(errors.Is(err, cart.ErrCheckoutInProgress))

	_, _ = carts.Thaw(ctx, cart.ThawRequest{Reference: "co_1", CartID: "c1"})
	_, err = carts.Freeze(ctx, cart.FreezeRequest{Reference: "co_1", CartID: "c1", Until: until})
	fmt.Println(errors.Is(err, cart.ErrReferenceClosed))
	// Output:
	// ada@example.com
	// true
	// true
}
