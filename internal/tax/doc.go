// Package tax is the front door of the tax module: rates per country, region and tax class, and what they make of
// amounts. It owns the Postgres schema "tax" and guards that a place and a class have at most one rate. It knows
// amounts and places, not products, carts or orders.
package tax
