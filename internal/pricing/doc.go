// Package pricing is the front door of the pricing module: what a variant costs in a currency and a context, and since
// when. It owns the Postgres schema "pricing" and guards that at most one price is current for a variant, currency and
// context, and that no past price is ever rewritten. It knows variants by id only, and nothing of stock or carts.
package pricing
