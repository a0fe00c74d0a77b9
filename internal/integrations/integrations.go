package integrations

import "time"

// Prefix of an import's public id.
const ImportPrefix = "imp"

// FormatShopify is the product CSV that Shopify exports and accepts.
const FormatShopify = "shopify"

// Statuses of an import. One that is being received is not shown to anybody.
const (
	StatusReceiving = "receiving"
	StatusQueued    = "queued"
	StatusRunning   = "running"
	StatusCompleted = "completed"
	StatusFailed    = "failed"
	StatusCanceled  = "canceled"
)

// Codes of row errors. A row with CodeCellLeftOut, CodePictureRefused or CodeNegativeStock went on without what the message
// names, unless it was nothing but a picture; with any other code the row had no effect.
const (
	CodeUnreadableRow  = "unreadable_row"
	CodeInvalidCell    = "invalid_cell"
	CodeHandleRepeated = "handle_repeated"
	CodeSKUTaken       = "sku_taken"
	CodeProductRefused = "product_refused"
	CodeProductSkipped = "product_skipped"
	CodeCellLeftOut    = "cell_left_out"
	CodePictureRefused = "picture_link_refused"
	CodeNegativeStock  = "negative_stock"
)

// Import is a product file on its way into the shop.
type Import struct {
	ID     string
	Status string
	Format string
	// Generation names the header that the file has, such as "product-2018".
	Generation string
	// DryRun imports are checked like any other and change nothing.
	DryRun  bool
	Summary Summary
	// FailureCode and FailureDetail say why a failed import ended; empty otherwise.
	FailureCode   string
	FailureDetail string
	// Version is raised whenever any of this changes.
	Version    int
	CreatedAt  time.Time
	FinishedAt *time.Time
}

// Ended says that nothing of the import changes any more.
func (i Import) Ended() bool {
	return i.Status == StatusCompleted || i.Status == StatusFailed || i.Status == StatusCanceled
}

// Summary counts what an import did. Products, Variants, Prices, Tracked and Pictures count what the file names and the
// shop now has, so that a second import of a file counts the same; Tracked are the variants whose stock is counted.
// Created, Updated and Unchanged are products; Failed counts rows that had no effect, each reported. What was done twice,
// because a process ended before it could be written down, is counted once, as what the second time found: products that
// the first time created are then unchanged.
type Summary struct {
	Rows      int `json:"rows"`
	Products  int `json:"products"`
	Variants  int `json:"variants"`
	Prices    int `json:"prices"`
	Tracked   int `json:"tracked"`
	Pictures  int `json:"pictures"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Failed    int `json:"failed"`
	// UnknownColumns do not belong to the format, or name a market that is no channel of the shop.
	UnknownColumns []string `json:"unknown_columns"`
	// IgnoredColumns belong to the format and are not taken over.
	IgnoredColumns []string `json:"ignored_columns"`
}

// Add counts what another part of the same file did.
func (s *Summary) Add(other Summary) {
	s.Rows += other.Rows
	s.Products += other.Products
	s.Variants += other.Variants
	s.Prices += other.Prices
	s.Tracked += other.Tracked
	s.Pictures += other.Pictures
	s.Created += other.Created
	s.Updated += other.Updated
	s.Unchanged += other.Unchanged
	s.Failed += other.Failed
}

// RowError says what is wrong with one row. Row is the number of its first line in the file; the header is line 1. Column
// is the name in the file's header, empty when the row as a whole is meant.
type RowError struct {
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Code    string `json:"code"`
	Message string `json:"message"`
}
