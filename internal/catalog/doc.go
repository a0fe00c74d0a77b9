// Package catalog is the front door of the catalog module: products, their options and variants, categories,
// collections and pictures (PIM). It owns the Postgres schema "catalog" and guards that handles and SKUs are unique
// and that a variant names exactly one value of every option of its product. It knows nothing of prices or stock.
package catalog
