// Package review describes what staff must look at because no rule can decide it: an order whose stock was not held any
// more. It knows neither orders nor how the matter is settled; staff say so in a note.
package review

import "time"

// Review is one matter. ResolvedAt is nil while it is open.
type Review struct {
	ID         string
	Reference  string
	Reason     string
	Details    Details
	OpenedAt   time.Time
	ResolvedAt *time.Time
	Note       string
}

// Details say what became of the hold, and what it had held.
type Details struct {
	Hold  string `json:"hold"`
	Lines []Line `json:"lines"`
}

// Line is a quantity of a SKU.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// States of a review, for Filter.
const (
	Open     = "open"
	Resolved = "resolved"
)

// Filter chooses reviews; an empty State chooses all. A page goes on with those older than BeforeID.
type Filter struct {
	State    string
	BeforeID string
	Limit    int
}
