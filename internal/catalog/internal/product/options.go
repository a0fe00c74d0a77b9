package product

import (
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// ReplaceOptions makes wanted the options of the product, in that order. An option of the same name keeps its id.
// Variants that exist keep their values; they get the first value of an option that is new.
// Errors: ErrOptionsInUse when variants use an option or value that is no longer there, ErrInvalidProduct.
func ReplaceOptions(p *catalog.Product, wanted []catalog.Option, newID func() string) error {
	if err := CheckOptions(wanted); err != nil {
		return err
	}
	options := slices.Clone(wanted)
	for i := range options {
		options[i].ID = idOf(p.Options, options[i].Name, newID)
	}
	variants := slices.Clone(p.Variants)
	for i := range variants {
		selected, err := carryOver(variants[i].Options, options)
		if err != nil {
			return err
		}
		choose(&variants[i], selected)
	}
	p.Options, p.Variants = options, variants
	return nil
}

func idOf(options []catalog.Option, name string, newID func() string) string {
	for _, option := range options {
		if option.Name == name {
			return option.ID
		}
	}
	return newID()
}

// carryOver finds the value of each option among what a variant had selected.
func carryOver(had []catalog.SelectedOption, options []catalog.Option) ([]catalog.SelectedOption, error) {
	kept := 0
	selected := make([]catalog.SelectedOption, len(options))
	for i, option := range options {
		value := option.Values[0]
		if old := slices.IndexFunc(had, func(s catalog.SelectedOption) bool { return s.Name == option.Name }); old >= 0 {
			value = had[old].Value
			kept++
		}
		if !slices.Contains(option.Values, value) {
			return nil, catalog.ErrOptionsInUse.With(fault.Field{
				Pointer: "/options", Code: catalog.ErrOptionsInUse.Code, Detail: option.Name + ": " + value})
		}
		selected[i] = catalog.SelectedOption{Name: option.Name, Value: value}
	}
	if kept < len(had) {
		return nil, catalog.ErrOptionsInUse.With(fault.Field{Pointer: "/options", Code: catalog.ErrOptionsInUse.Code})
	}
	return selected, nil
}
