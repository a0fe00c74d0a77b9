// Package checkout is the front door of the checkout module: the attempt to turn a cart, or lines sent at once, into
// exactly one order. It owns the Postgres schema "checkout" and guards that a cart has at most one live attempt and
// that an attempt ends either completed with its order or canceled with everything given back. It owns no stock, no
// money and no order; it asks those who do, and undoes in reverse.
package checkout
