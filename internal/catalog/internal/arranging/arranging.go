// Package arranging changes categories and collections, the ways products are grouped. It owns the transactions; where
// a change shows on products, these are announced in the same transaction. It knows neither SQL nor HTTP.
package arranging

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// maxAttempts is how often a handle is derived anew after somebody else took the last one.
const maxAttempts = 5

// Store reads categories and collections and opens transactions.
type Store interface {
	// Category answers a category. Errors: ErrNotFound.
	Category(ctx context.Context, id string) (catalog.Category, error)
	// Collection answers a collection with its product ids in order. Errors: ErrNotFound.
	Collection(ctx context.Context, id string) (catalog.Collection, error)
	// CategoryHandlesLike answers the handles that are base or begin with base and a dash.
	CategoryHandlesLike(ctx context.Context, base string) ([]string, error)
	// CollectionHandlesLike is CategoryHandlesLike for collections.
	CollectionHandlesLike(ctx context.Context, base string) ([]string, error)
	// InTx runs fn in a transaction, again when the database asks for it.
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is a transaction over categories and collections.
type Tx interface {
	// LockTree keeps others from changing any category until the transaction ends.
	LockTree(ctx context.Context) error
	// IsBelow reports whether a category is another one or below it.
	IsBelow(ctx context.Context, id, ancestor string) (bool, error)
	// InsertCategory stores a new category. Errors: ErrHandleTaken, ErrUnknownReference.
	InsertCategory(ctx context.Context, c catalog.Category) (catalog.Category, error)
	// ChangeCategory makes before into after and raises the version.
	// Errors: those of InsertCategory; ErrVersionMismatch when the stored category is no longer before.
	ChangeCategory(ctx context.Context, before, after catalog.Category) (catalog.Category, error)
	// AnnounceCategory announces the products of a category and of those below it.
	AnnounceCategory(ctx context.Context, id string) error
	// InsertCollection stores a new collection. Errors: ErrHandleTaken.
	InsertCollection(ctx context.Context, c catalog.Collection) (catalog.Collection, error)
	// ChangeCollection makes before into after, all but its products, and raises the version.
	// Errors: ErrHandleTaken; ErrVersionMismatch when the stored collection is no longer before.
	ChangeCollection(ctx context.Context, before, after catalog.Collection) (catalog.Collection, error)
	// ReplaceProducts makes these the products of a collection, in this order.
	ReplaceProducts(ctx context.Context, id string, productIDs []string) error
	// AnnounceProducts announces products whose collection changed: those that came or left, which get another version,
	// and those that stay in one that is called something else now.
	// Errors: ErrUnknownReference when one does not exist.
	AnnounceProducts(ctx context.Context, moved, stayed []string) error
}

// Arranger changes categories and collections.
type Arranger struct {
	store Store
	newID func() string
}

// New returns an arranger.
func New(store Store, newID func() string) *Arranger {
	return &Arranger{store: store, newID: newID}
}

// freeHandle makes a handle of a name that none of those like it has.
func freeHandle(
	ctx context.Context, name, fallback string, like func(context.Context, string) ([]string, error),
) (string, error) {
	base := product.HandleFrom(name, fallback)
	taken, err := like(ctx, base)
	if err != nil {
		return "", fmt.Errorf("find a handle for %q: %w", name, err)
	}
	return product.FreeHandle(base, taken), nil
}

// untilFree repeats an attempt whose derived handle was taken in between.
func untilFree(attempt func() error) error {
	for n := 1; ; n++ {
		if err := attempt(); n == maxAttempts || !errors.Is(err, catalog.ErrHandleTaken) {
			return err
		}
	}
}

func trim(text string) string { return strings.TrimSpace(text) }
