package shopify

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxDerivedSKU leaves room below what a SKU may have.
	maxDerivedSKU = 200
	// markLength is how many hexadecimal digits tell apart values that are spelled alike.
	markLength = 8
)

// nameVariants gives variants without a SKU one that depends on nothing but the handle and the option values, so that
// the next import of the file finds them again: CLAY-POT_LARGE. Underscores stand between handle and values and occur in
// neither, so that two products never meet. Values that are spelled alike in letters and digits ("A/B" and "A B"), or
// not at all, are told apart by a mark made of the exact values.
func nameVariants(p *Product) {
	skus := make([]string, len(p.Variants))
	for i, v := range p.Variants {
		skus[i] = v.SKU
		if v.SKU == "" {
			skus[i] = deriveSKU(p.Handle, v.Options)
		}
	}
	for i, sku := range skus {
		v := &p.Variants[i]
		if v.SKU == "" && count(skus, sku) > 1 {
			sku += "_" + mark(v.Options)
		}
		v.SKU = sku
	}
}

func count(skus []string, sku string) int {
	n := 0
	for _, other := range skus {
		if other == sku {
			n++
		}
	}
	return n
}

func deriveSKU(handle string, values []string) string {
	parts := []string{slug(handle)}
	for _, value := range values {
		part := slug(value)
		if part == "" {
			part = mark([]string{value})
		}
		parts = append(parts, part)
	}
	sku := strings.Join(parts, "_")
	if len(sku) > maxDerivedSKU {
		sku = sku[:maxDerivedSKU] + "_" + mark(slices.Concat([]string{handle}, values))
	}
	return sku
}

func mark(values []string) string {
	sum := sha256.Sum256([]byte(strings.Join(values, "\x00")))
	return strings.ToUpper(hex.EncodeToString(sum[:]))[:markLength]
}

// slug spells a text in A-Z and 0-9 with single dashes between words. Latin letters lose their accents.
func slug(text string) string {
	var spelled strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToUpper(text)) {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			if gap && spelled.Len() > 0 {
				spelled.WriteByte('-')
			}
			gap = false
			spelled.WriteRune(r)
			continue
		}
		gap = gap || !unicode.Is(unicode.Mn, r)
	}
	return spelled.String()
}
