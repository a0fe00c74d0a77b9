package pagination

import (
	"net/url"
)

const (
	// DefaultLimit is the number of items of a page that nobody asked a size for.
	DefaultLimit = 20
	// MaxLimit is the largest page there is.
	MaxLimit = 100
)

// Limit returns how many items a page holds: what was asked for, at most MaxLimit, and DefaultLimit
// where n is 0, because nobody asked. A limit out of bounds has been refused before; this is the net below.
func Limit(n int) int {
	if n < 1 {
		return DefaultLimit
	}
	return min(n, MaxLimit)
}

// Cut divides what was read for a page of limit items with one row more than that: the rows to show,
// and whether any follow. So a list needs no second query to know if it ends here.
func Cut[T any](rows []T, limit int) (page []T, more bool) {
	if len(rows) <= limit {
		return rows, false
	}
	return rows[:limit], true
}

// NextLink returns the value of a Link header (RFC 8288) that leads from the page at u to the one the
// cursor names, or "" without a cursor. The link is relative to the host: path and query of u with
// another cursor, so that it holds behind any proxy.
func NextLink(u url.URL, cursor string) string {
	if cursor == "" {
		return ""
	}
	query := u.Query()
	query.Set("cursor", cursor)
	next := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: query.Encode()}
	return "<" + next.String() + `>; rel="next"`
}
