// Package cart is the front door of the cart module: what a shopper means to buy, and its totals. It owns the Postgres
// schema "cart" and guards that totals always add up from the lines and that a frozen cart does not change. A cart
// promises nothing: it knows nothing of holds, payments made or orders beyond the id of the one it became.
package cart
