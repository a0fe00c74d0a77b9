package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

func Example() {
	ErrInsufficientStock := fault.New("insufficient_stock", "not enough stock")

	err := fmt.Errorf("reserve stock: %w", ErrInsufficientStock.With(fault.Field{
		Pointer: "/lines/0/quantity",
		Code:    "insufficient_stock",
		Members: map[string]any{"available": 3},
	}))

	fmt.Println(err)
	fmt.Println(errors.Is(err, ErrInsufficientStock))
	// Output:
	// reserve stock: not enough stock
	// true
}

func ExampleError_UnmarshalJSON() {
	ErrInsufficientStock := fault.New("insufficient_stock", "not enough stock")
	text, _ := json.Marshal(ErrInsufficientStock.Member("available", 3))

	var received fault.Error
	if err := json.Unmarshal(text, &received); err != nil {
		fmt.Println(err)
	}

	fmt.Println(string(text))
	fmt.Println(errors.Is(&received, ErrInsufficientStock))
	// Output:
	// {"code":"insufficient_stock","detail":"not enough stock","members":{"available":3}}
	// true
}
