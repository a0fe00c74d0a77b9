// Package orders is the front door of the orders module: the agreement with a customer and everything after it. It owns
// the Postgres schema "orders" and guards that a checkout and a cart become at most one order, that an order's lines
// and amounts are never rewritten, and that statuses change by named verbs only. It knows nothing of carts or catalogs
// beyond the snapshot it was given.
package orders
