// Package stock holds the rules of counted goods that need no database: what a demand adds up to, which reservations serve
// it, what that does to the counters of a level, and what shoppers are told. It knows neither tables nor requests.
package stock

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// Sum adds up what is asked for of each SKU, in SKU order. A sum beyond int64 stays at its largest value, which is more
// than any shop has. Errors: a quantity that is not positive.
func Sum(lines []inventory.Demand) ([]inventory.Demand, error) {
	bySKU := make(map[string]int64, len(lines))
	for _, line := range lines {
		if line.Quantity <= 0 {
			return nil, fmt.Errorf("add up demand: %d of %s is not positive", line.Quantity, line.SKU)
		}
		if line.Quantity > math.MaxInt64-bySKU[line.SKU] {
			bySKU[line.SKU] = math.MaxInt64
			continue
		}
		bySKU[line.SKU] += line.Quantity
	}
	sums := make([]inventory.Demand, 0, len(bySKU))
	for sku, quantity := range bySKU {
		sums = append(sums, inventory.Demand{SKU: sku, Quantity: quantity})
	}
	slices.SortFunc(sums, func(a, b inventory.Demand) int { return cmp.Compare(a.SKU, b.SKU) })
	return sums, nil
}

// Distinct answers each string once, in the order of first appearance.
func Distinct(values []string) []string {
	seen := make(map[string]bool, len(values))
	var once []string
	for _, value := range values {
		if !seen[value] {
			seen[value] = true
			once = append(once, value)
		}
	}
	return once
}
