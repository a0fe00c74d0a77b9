package product

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// DerivedTitle is the title of a variant that was given none: its option values in order, such as "Red / M". It is empty
// where the product has no options, because the product's title says it all.
func DerivedTitle(selected []catalog.SelectedOption) string {
	values := make([]string, len(selected))
	for i, option := range selected {
		values[i] = option.Value
	}
	return strings.Join(values, " / ")
}

// Select gives v the values by option name. Each option of the product needs one; a value that an option does not have
// yet is added at its end. A title that was derived follows the values.
// Errors: ErrInvalidProduct with pointers below at, the place of the values in the request.
func Select(p *catalog.Product, v *catalog.Variant, values map[string]string, at string) error {
	if err := namesOptions(p.Options, values, at); err != nil {
		return err
	}
	selected := make([]catalog.SelectedOption, len(p.Options))
	for i, option := range p.Options {
		value := values[option.Name]
		if !slices.Contains(option.Values, value) {
			p.Options[i].Values = append(slices.Clone(option.Values), value)
		}
		selected[i] = catalog.SelectedOption{Name: option.Name, Value: value}
	}
	choose(v, selected)
	return nil
}

// choose sets the values of a variant and lets a derived title follow them.
func choose(v *catalog.Variant, selected []catalog.SelectedOption) {
	if v.Title == "" || v.Title == DerivedTitle(v.Options) {
		v.Title = DerivedTitle(selected)
	}
	v.Options = selected
}

// namesOptions reports where values miss an option, leave it blank, or name one that does not exist.
func namesOptions(options []catalog.Option, values map[string]string, at string) error {
	var faults []fault.Field
	known := make(map[string]bool, len(options))
	for _, option := range options {
		known[option.Name] = true
		if strings.TrimSpace(values[option.Name]) == "" {
			faults = append(faults, required(at+"/"+pointer(option.Name), "the variant needs a value for this option"))
		}
	}
	for _, name := range sortedKeys(values) {
		if !known[name] {
			faults = append(faults, invalid(at+"/"+pointer(name), "the product has no such option"))
		}
	}
	return refuse(faults)
}

// NextPosition is the place behind all variants of the product.
func NextPosition(p catalog.Product) int {
	next := 0
	for _, v := range p.Variants {
		next = max(next, v.Position+1)
	}
	return next
}

// VariantIndex answers the place of the variant in p.Variants.
// Errors: ErrNotFound.
func VariantIndex(p catalog.Product, id string) (int, error) {
	i := slices.IndexFunc(p.Variants, func(v catalog.Variant) bool { return v.ID == id })
	if i < 0 {
		return 0, fmt.Errorf("variant %s of product %s: %w", id, p.ID, catalog.ErrNotFound)
	}
	return i, nil
}
