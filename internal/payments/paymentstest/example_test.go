package paymentstest_test

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/paymentstest"
)

func ExampleNewFake() {
	ctx, service := context.Background(), paymentstest.NewFake()

	held, _ := service.Authorize(ctx, payments.AuthorizeRequest{
		Reference: "co_1", Amount: money.MustNew(4488, "EUR"), Method: payments.MethodFake, Token: "tok_success"})
	part := money.MustNew(1999, "EUR")
	taken, _ := service.Capture(ctx, payments.CaptureRequest{Reference: "co_1", Amount: &part, Key: "first-parcel"})

	fmt.Println(held.Status, held.Authorized)
	fmt.Println(taken.Attempt.Status, taken.Attempt.Captured)
	// Output:
	// authorized 44.88 EUR
	// authorized 19.99 EUR
}
