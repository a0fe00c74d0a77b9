// Package product holds the rules of what is sold, without any I/O: what a consistent product is, how handles and
// titles are derived, what becomes of variants when options change, and which HTML a description may contain. It works
// on the types of the catalog's front door and knows neither how they are stored nor how they are asked for.
package product

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
)

// DefaultTaxClass is the tax class of a product that names none.
const DefaultTaxClass = "standard"

// Clone answers a copy whose parts can be replaced without changing p.
func Clone(p catalog.Product) catalog.Product {
	p.Tags = slices.Clone(p.Tags)
	p.Options = slices.Clone(p.Options)
	p.Media = slices.Clone(p.Media)
	p.Categories = slices.Clone(p.Categories)
	p.Collections = slices.Clone(p.Collections)
	p.Attributes = maps.Clone(p.Attributes)
	p.Metadata = maps.Clone(p.Metadata)
	p.Variants = slices.Clone(p.Variants)
	return p
}

// Same reports whether nothing differs between two normalized products.
func Same(a, b catalog.Product) bool {
	return reflect.DeepEqual(a, b)
}

// SameOptions reports whether two lists name the same options with the same values in the same order; ids do not count.
func SameOptions(a, b []catalog.Option) bool {
	return slices.EqualFunc(a, b, func(x, y catalog.Option) bool {
		return x.Name == y.Name && slices.Equal(x.Values, y.Values)
	})
}

// Normalize brings a product into the one form in which it is stored and compared: nothing is nil, titles have no space
// around them, tags come once, and the tax class is named.
func Normalize(p catalog.Product) catalog.Product {
	p.Title = strings.TrimSpace(p.Title)
	p.Tags = distinct(p.Tags)
	p.Options = present(p.Options)
	p.Media = present(p.Media)
	p.Categories = present(p.Categories)
	p.Collections = present(p.Collections)
	p.Variants = present(p.Variants)
	p.Attributes = presentMap(p.Attributes)
	p.Metadata = presentMap(p.Metadata)
	if p.TaxClass == "" {
		p.TaxClass = DefaultTaxClass
	}
	for i := range p.Variants {
		p.Variants[i].Options = present(p.Variants[i].Options)
		p.Variants[i].Metadata = presentMap(p.Variants[i].Metadata)
	}
	return p
}

// distinct drops blanks and repetitions and keeps the order.
func distinct(tags []string) []string {
	kept := make([]string, 0, len(tags))
	for _, tag := range tags {
		tag = strings.TrimSpace(tag)
		if tag != "" && !slices.Contains(kept, tag) {
			kept = append(kept, tag)
		}
	}
	return kept
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func presentMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
