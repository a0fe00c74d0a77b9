// Package storefront is the front door of the storefront module: what shoppers browse, search and filter. It owns the
// Postgres schema "storefront" and no truth: documents and offers are a projection of catalog, pricing, inventory and
// channels, fed by events, and can be rebuilt at any time. It never shows a stock count.
package storefront
