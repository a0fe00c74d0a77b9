// Package shopify reads the product CSV that Shopify exports, in the headers of 2018, of 2024 and of 2025, and turns it
// into products: one pass, one product in memory at a time, from any position between two products. It is pure: it knows
// the format and money, and nothing of the shop the products go into.
//
// How a file is read:
//   - Columns are found by their names, in any order and any case; each has the names of all generations.
//   - The rows of a product stand together and share a Handle.
//   - A product is read whole or not at all: when one of its rows cannot be used, that row says why, and the others say
//     that they were left out with it. A row whose handle cannot be read belongs to the product before it.
//   - Facts of the product and the names of its options are read from its first row. "Title" with "Default Title" is how
//     the format says that a product has no options.
//   - A row with an option value, a SKU or a price is a variant; one with only a picture is a picture. A row can be both.
//   - Blank Published means published; only a product that is published and, where there is a Status, active is sold.
//   - Blank Variant Taxable and Variant Requires Shipping mean no, and without the column they mean yes.
//   - A blank Variant Inventory Tracker means sold without counting, "shopify" means counted; any other tracker counts
//     elsewhere, so that here it is reported and sold without counting.
//   - A cell that a variant cannot be sold without (price, option values, the count of a counted one) refuses its row when
//     it cannot be read. Any other (compare-at price, weight, picture) is left out and reported, and the row goes on.
//   - The last step of Product Category, or else of Google's category where that is a path and not a number, becomes a
//     category: "Apparel > Shirts" is in the category shirts.
//   - A column "Color (product.metafields.shopify.color-pattern)" becomes the attribute Color.
//   - "Price / X" and "Compare At Price / X" become prices of the channel whose code or name is X.
//
// Columns of the format that are not taken over are listed as ignored: fulfillment service, variant picture, weight unit,
// tax code, cost, unit prices, what options are linked to, "Included / X", and those of "Google Shopping / ". All others
// that mean nothing here are listed as unknown, among them those of markets that are no channel.
package shopify
