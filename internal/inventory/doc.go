// Package inventory is the front door of the inventory module: stock locations, stock levels, reservations and the
// ledger of movements. It owns the Postgres schema "inventory" and guards that nothing is promised that is not there:
// on hand + backorder limit - reserved - allocated is never below 0, and every counter equals the sum of its rows.
// It knows SKUs, not products, and references, not carts or orders.
package inventory
