// Package editing changes products and their variants, for the admin API and for imports. It owns the transactions: a
// change is computed on the product as it was read, written only if the product still has that version, and announced
// in the same transaction. It knows neither SQL nor HTTP.
package editing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// maxAttempts is how often a change that names no version is computed anew after somebody else was faster.
const maxAttempts = 5

// Store reads products and opens transactions.
type Store interface {
	// Product answers a product with all its parts. Errors: ErrNotFound.
	Product(ctx context.Context, id string) (catalog.Product, error)
	// ProductByHandle is Product by handle. Errors: ErrNotFound.
	ProductByHandle(ctx context.Context, handle string) (catalog.Product, error)
	// ProductsByHandle answers those that exist, by handle.
	ProductsByHandle(ctx context.Context, handles []string) (map[string]catalog.Product, error)
	// SKUOwners answers which products the variants of these SKUs belong to; SKUs that are free are left out.
	SKUOwners(ctx context.Context, skus []string) (map[string]string, error)
	// ExternalIDOwners is SKUOwners for the external ids of products.
	ExternalIDOwners(ctx context.Context, externalIDs []string) (map[string]string, error)
	// HandlesLike answers the handles that are base or begin with base and a dash.
	HandlesLike(ctx context.Context, base string) ([]string, error)
	// SKUsOfOthers answers which of the SKUs belong to variants of other products.
	SKUsOfOthers(ctx context.Context, productID string, skus []string) ([]string, error)
	// InTx runs fn in a transaction, again when the database asks for it.
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is a transaction over products.
type Tx interface {
	// LockProduct keeps others from changing the product until the transaction ends. Errors: ErrNotFound.
	LockProduct(ctx context.Context, id string) error
	// Product answers a product with all its parts. Errors: ErrNotFound.
	Product(ctx context.Context, id string) (catalog.Product, error)
	// CategoryID answers the id of the category of this handle, which is created as given when it is missing.
	CategoryID(ctx context.Context, c catalog.Category) (string, error)
	// CollectionID is CategoryID for collections.
	CollectionID(ctx context.Context, c catalog.Collection) (string, error)
	// InsertProduct stores a new product and announces it.
	// Errors: ErrHandleTaken, ErrSKUTaken, ErrExternalIDTaken, ErrVariantExists, ErrUnknownReference.
	InsertProduct(ctx context.Context, p catalog.Product) error
	// ChangeProduct makes before into after, raises the version and announces it.
	// Errors: those of InsertProduct; ErrVersionMismatch when the stored product is no longer before.
	ChangeProduct(ctx context.Context, before, after catalog.Product) error
	// SaveProducts is InsertProduct or ChangeProduct for each of several products. Errors: theirs, without saying of which.
	SaveProducts(ctx context.Context, changes []Change) error
}

// Editor changes products.
type Editor struct {
	store Store
	clean product.Cleaner
	newID func() string
}

// New returns an editor.
func New(store Store, clean product.Cleaner, newID func() string) *Editor {
	return &Editor{store: store, clean: clean, newID: newID}
}

// ChangeProduct makes change on the product if it has this version. It raises the version even where change leaves
// everything as it is, so that of several callers with one version one succeeds. change may replace options by name;
// what that means for variants is decided by product.ReplaceOptions.
// Errors: ErrNotFound, ErrVersionMismatch, ErrInvalidProduct, ErrHandleTaken, ErrExternalIDTaken, ErrUnknownReference,
// ErrOptionsInUse, and those of change.
func (e *Editor) ChangeProduct(
	ctx context.Context, id string, version int, change func(*catalog.Product) error,
) (catalog.Product, error) {
	before, err := e.store.Product(ctx, id)
	if err != nil {
		return catalog.Product{}, err
	}
	if before.Version != version {
		return catalog.Product{}, fmt.Errorf("change product %s: %w", id, catalog.ErrVersionMismatch)
	}
	after := product.Clone(before)
	if err := change(&after); err != nil {
		return catalog.Product{}, err
	}
	if err := e.replaceOptions(before, &after); err != nil {
		return catalog.Product{}, err
	}
	if after.Description != before.Description {
		after.Description = e.clean.Clean(after.Description)
	}
	after = product.Normalize(after)
	if err := product.Check(after); err != nil {
		return catalog.Product{}, err
	}
	return e.write(ctx, before, after)
}

// ArchiveProduct takes a product out of the shop. An archived one stays as it is.
// Errors: ErrNotFound.
func (e *Editor) ArchiveProduct(ctx context.Context, id string) error {
	return e.repeat(func() error {
		before, err := e.store.Product(ctx, id)
		if err != nil || before.Status == catalog.StatusArchived {
			return err
		}
		after := product.Clone(before)
		after.Status = catalog.StatusArchived
		_, err = e.write(ctx, before, after)
		return err
	})
}

// replaceOptions applies what a change wrote into the options to the variants as well.
func (e *Editor) replaceOptions(before catalog.Product, after *catalog.Product) error {
	if product.SameOptions(before.Options, after.Options) {
		after.Options = before.Options
		return nil
	}
	wanted := after.Options
	after.Options = before.Options
	return product.ReplaceOptions(after, wanted, e.newID)
}

func (e *Editor) write(ctx context.Context, before, after catalog.Product) (saved catalog.Product, err error) {
	err = e.store.InTx(ctx, func(tx Tx) error {
		if err := tx.ChangeProduct(ctx, before, after); err != nil {
			return err
		}
		saved, err = tx.Product(ctx, before.ID)
		return err
	})
	if err != nil {
		return catalog.Product{}, fmt.Errorf("change product %s: %w", before.ID, err)
	}
	return saved, nil
}

// nameTaken adds to ErrSKUTaken which variants of the request it is about.
func (e *Editor) nameTaken(ctx context.Context, err error, p catalog.Product) error {
	if !errors.Is(err, catalog.ErrSKUTaken) {
		return err
	}
	skus := skusOf(p)
	taken, findErr := e.store.SKUsOfOthers(ctx, p.ID, skus)
	if findErr != nil {
		return findErr
	}
	named := catalog.ErrSKUTaken
	for i, sku := range skus {
		if slices.Contains(taken, sku) {
			named = named.With(skuField(i, sku))
		}
	}
	return named
}

// repeat computes a change anew when the product changed in between.
func (e *Editor) repeat(attempt func() error) error {
	for n := 1; ; n++ {
		err := attempt()
		if n == maxAttempts || !errors.Is(err, catalog.ErrVersionMismatch) && !errors.Is(err, catalog.ErrHandleTaken) {
			return err
		}
	}
}
