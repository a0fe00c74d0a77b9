// Package shopify reads the product CSV that Shopify exports, in the header of 2018, and turns it into products: one
// pass, one product in memory at a time. It is pure: it knows the format and money, and nothing of the shop the products
// go into.
//
// How a file is read:
//   - The rows of a product stand together and share a Handle. Rows of a handle that come back later are skipped: by then
//     the product was handed on, and what a second half leaves out would be taken for removed.
//   - Facts of the product and the names of its options are read from its first row. "Title" with "Default Title" is how
//     the format says that a product has no options.
//   - A row with an option value, a SKU or a price is a variant; one with only a picture is a picture. A row can be both.
//   - Blank Published means published; blank Variant Taxable and Variant Requires Shipping mean no, and without the
//     column they mean yes.
//   - A blank Variant Inventory Tracker means sold without counting, "shopify" means counted; any other tracker counts
//     elsewhere, so that here it is reported and sold without counting.
//   - A cell that a variant cannot be sold without (price, option values, the count of a counted one) skips its row when
//     it cannot be read. Any other (compare-at price, weight, picture) is left out and reported, and the row goes on.
//   - A skipped row loses its variant. A product that has lost all of them is skipped with all its rows.
//
// Columns that are known and have no use here, so that nobody is told of them: Variant Fulfillment Service, Variant
// Image, Variant Weight Unit, Variant Tax Code, Cost per item, and those that begin with "Google Shopping / ".
package shopify
