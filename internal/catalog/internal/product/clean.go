package product

import (
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// Cleaner makes descriptions safe to show: HTML keeps the elements and attributes of an allow-list that formats a
// product page, and loses everything else: scripts, styles, event handlers, forms, frames and links of other schemes
// than http, https and mailto. It is safe for use by many goroutines.
type Cleaner struct {
	policy *bluemonday.Policy
}

// NewCleaner returns a cleaner with the shop's allow-list.
func NewCleaner() Cleaner {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code",
		"b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "mark", "abbr", "figure", "figcaption",
		"section", "article", "details", "summary")
	p.AllowAttrs("title", "lang").Globally()
	p.AllowAttrs("dir").Matching(bluemonday.Direction).Globally()
	p.AllowLists()
	p.AllowTables()
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.NumberOrPercent).OnElements("img")
	return Cleaner{policy: p}
}

// Clean answers the HTML with only what the allow-list names.
func (c Cleaner) Clean(html string) string {
	return strings.TrimSpace(c.policy.Sanitize(html))
}
