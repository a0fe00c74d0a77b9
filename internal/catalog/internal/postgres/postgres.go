// Package postgres holds all SQL of the catalog module: rows become the types of the front door and back, and violated
// constraints become the module's errors. Whatever changes a product here raises its event_seq and announces it in the
// same transaction. It knows neither rules nor HTTP.
package postgres

import (
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const aggregate = "product"

// translate gives the violation of a rule its meaning.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case sqldb.Violates(err, "products_handle_key"),
		sqldb.Violates(err, "categories_handle_key"),
		sqldb.Violates(err, "collections_handle_key"):
		return at(catalog.ErrHandleTaken, "/handle").Wrap(err)
	case sqldb.Violates(err, "products_external_id_key"):
		return at(catalog.ErrExternalIDTaken, "/external_id").Wrap(err)
	case sqldb.Violates(err, "variants_sku_key"):
		return catalog.ErrSKUTaken.Wrap(err)
	case sqldb.Violates(err, "variants_combination_key"):
		return catalog.ErrVariantExists.Wrap(err)
	case sqldb.Violates(err, "categories_parent_exists"):
		return at(catalog.ErrUnknownReference, "/parent_id").Wrap(err)
	}
	return err
}

func at(f *fault.Error, pointer string) *fault.Error {
	return f.With(fault.Field{Pointer: pointer, Code: f.Code})
}
