// Package channels is the front door of the channels module: where the shop sells and on which terms (currencies,
// locales, countries, tax display, checkout policies, publishable keys). It owns the Postgres schema "channels" and
// guards that exactly one channel is the default. It knows nothing of products, carts or orders.
package channels
