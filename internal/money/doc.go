// Package money is the arithmetic of the shop: amounts in integer minor units of one ISO 4217 currency,
// checked for overflow and for mixed currencies, spread without losing a cent and rounded half to even.
//
// It is shared by all modules and knows none of them. It decides neither prices nor taxes: it computes
// what they say. It formats nothing for people, because that takes a locale; front ends do.
//
// The three rules it guards:
//
//   - An amount never silently wraps, saturates or becomes a float: arithmetic that leaves the range of
//     an int64 is ErrOverflow.
//   - Amounts of two currencies never meet: ErrCurrencyMismatch.
//   - Parts add up to their whole: Allocate and Split lose nothing, and tax extracted from a gross
//     amount is the tax that was put on its net.
package money
