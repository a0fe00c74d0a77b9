package catalog

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound         = fault.New("not_found", "there is no such thing in the catalog")
	ErrHandleTaken      = fault.New("handle_taken", "another product, category or collection of this kind has this handle")
	ErrSKUTaken         = fault.New("sku_taken", "another variant has this SKU")
	ErrExternalIDTaken  = fault.New("external_id_taken", "another product has this external id")
	ErrVariantExists    = fault.New("variant_exists", "another variant of the product has these option values")
	ErrOptionsInUse     = fault.New("options_in_use", "variants of the product use an option or value that was to be removed")
	ErrCategoryCycle    = fault.New("category_cycle", "a category cannot be below itself")
	ErrUnknownReference = fault.New("unknown_reference", "something referred to does not exist")
	ErrVersionMismatch  = fault.New("version_mismatch", "it was changed since it was read")
	ErrInvalidProduct   = fault.New("validation_failed", "the product is not consistent")
)
