// Package fulfillment is the front door of the fulfillment module: what a shopper can choose for delivery, and the
// shipments that carry an order's lines. It owns the Postgres schema "fulfillment" and guards that the same shipment
// is recorded once. It knows countries and amounts, not carts; orders by id only.
package fulfillment
