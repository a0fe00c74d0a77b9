// Package payments is the front door of the payments module: payment attempts, captures, refunds, and the double-entry
// ledger of the money they move. It owns the Postgres schema "payments" and guards that no reference is charged twice,
// that no more is captured than was authorized and no more refunded than was captured, and that every ledger
// transaction balances. It knows references and amounts, not carts or orders.
package payments
