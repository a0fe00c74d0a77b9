package app

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// expiryInterval is how often idempotency keys are looked through for expired ones.
const expiryInterval = time.Hour

// keeping are the modules of this process that keep idempotency keys, and the tags of their operations. The rows of checkouts
// and of order commands are such keys themselves.
func (a *App) keeping() []string {
	all := []string{"access", "cart", "catalog", "channels", "fulfillment", "inventory", "pricing", "tax"}
	return slices.DeleteFunc(all, func(module string) bool { return !a.cfg.has(module) })
}

// newKeys makes the idempotency keys of the modules, by name.
func (a *App) newKeys() (map[string]*idempotency.Keys, error) {
	secrets, err := a.cfg.secrets()
	if err != nil {
		return nil, err
	}
	keys := map[string]*idempotency.Keys{}
	for _, module := range a.keeping() {
		keys[module] = idempotency.NewKeys(a.databases.of(module).requests, module, secrets...)
	}
	return keys, nil
}

// once has requests with an Idempotency-Key carried out once, where the document says that the operation takes one.
func (a *App) once(api *contract.Contract) func(http.Handler) http.Handler {
	return idempotency.Once(func(r *http.Request) *idempotency.Keys {
		op, found := api.Operation(r)
		if !found || !op.Idempotent {
			return nil
		}
		return a.keys[op.Tags[0]]
	})
}

// expireKeys drops expired idempotency keys until ctx ends.
func (a *App) expireKeys(ctx context.Context) error {
	return periodic.Run(ctx, expiryInterval, "drop expired idempotency keys", func(ctx context.Context) error {
		var errs []error
		for _, module := range a.keeping() {
			errs = append(errs, idempotency.Sweep(ctx, a.databases.of(module).background, module))
		}
		return errors.Join(errs...)
	})
}
