package money_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
)

func Example() {
	price, err := money.New(1999, "EUR")
	if err != nil {
		fmt.Println(err)
		return
	}
	subtotal, _ := price.Mul(3)
	_, err = subtotal.Add(money.MustNew(500, "USD"))

	text, _ := json.Marshal(subtotal)
	fmt.Println(subtotal)
	fmt.Println(string(text))
	fmt.Println(errors.Is(err, money.ErrCurrencyMismatch))
	// Output:
	// 59.97 EUR
	// {"amount":5997,"currency":"EUR"}
	// true
}

// A discount of 10.00 on three lines, by their subtotals.
func ExampleMoney_Allocate() {
	discount := money.MustNew(-1000, "EUR")

	shares, _ := discount.Allocate([]int64{1999, 1999, 4999})

	fmt.Println(shares)
	// Output: [-2.22 EUR -2.22 EUR -5.56 EUR]
}

func ExampleTaxIncluded() {
	rate, _ := money.ParsePercent("19")

	fmt.Println(money.TaxIncluded(money.MustNew(1999, "EUR"), rate))
	// Output: 3.19 EUR
}

func ExampleTaxOnTop() {
	rate, _ := money.ParsePercent("8.1")

	tax, _ := money.TaxOnTop(money.MustNew(1999, "CHF"), rate)

	fmt.Println(tax)
	// Output: 1.62 CHF
}

func ExampleParseMajor() {
	price, _ := money.ParseMajor("19.99", "EUR")
	_, err := money.ParseMajor("100.5", "JPY")

	fmt.Println(price.Minor())
	fmt.Println(err)
	// Output:
	// 1999
	// "100.5" has more than the 0 decimals of JPY
}
