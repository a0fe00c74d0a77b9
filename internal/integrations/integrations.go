package integrations

// FormatShopify is the product CSV that Shopify exports and accepts.
const FormatShopify = "shopify"

// Summary counts what an import did. Products, Variants, Prices, Tracked and Pictures count what the file names and the
// shop now has, so that a second import of a file counts the same; Tracked are the variants whose stock is counted.
// Created, Updated and Unchanged are products; Failed counts rows that were skipped, each reported.
type Summary struct {
	Rows           int      `json:"rows"`
	Products       int      `json:"products"`
	Variants       int      `json:"variants"`
	Prices         int      `json:"prices"`
	Tracked        int      `json:"tracked"`
	Pictures       int      `json:"pictures"`
	Created        int      `json:"created"`
	Updated        int      `json:"updated"`
	Unchanged      int      `json:"unchanged"`
	Failed         int      `json:"failed"`
	UnknownColumns []string `json:"unknown_columns"`
}

// RowError says what is wrong with one row. Row is the line number in the file; the header is line 1. Not every row with
// an error was skipped: a cell that can be done without is left out, and the message says so.
type RowError struct {
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Message string `json:"message"`
}
