package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorytest"
)

func ExampleService() {
	ctx := context.Background()
	var service inventory.Service = inventorytest.NewFake(time.Now)
	three := int64(3)
	if _, err := service.SetStock(ctx, inventory.SetStockRequest{Items: []inventory.StockItem{{SKU: "TEE-M", OnHand: &three}}}); err != nil {
		fmt.Println(err)
	}

	lines := []inventory.Demand{{SKU: "TEE-M", Quantity: 2}}
	hold := time.Now().Add(40 * time.Minute)
	_, first := service.Reserve(ctx, inventory.ReserveRequest{Reference: "co_1", Lines: lines, HoldUntil: hold})
	_, second := service.Reserve(ctx, inventory.ReserveRequest{Reference: "co_2", Lines: lines, HoldUntil: hold})
	_, again := service.Reserve(ctx, inventory.ReserveRequest{Reference: "co_1", Lines: lines, HoldUntil: hold})

	fmt.Println(first, errors.Is(second, inventory.ErrInsufficientStock), again)
	// Output: <nil> true <nil>
}
