package editing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Change is a product before and after; one that is new has no version before.
type Change struct {
	Before, After catalog.Product
}

// planned is a request on its way, and where its result goes.
type planned struct {
	Change

	request catalog.SaveProductRequest
	result  *catalog.SaveProductsResult
}

// SaveProducts implements catalog.Service. Products that are already as wanted cost nothing but being read.
func (e *Editor) SaveProducts(ctx context.Context, req catalog.SaveProductsRequest) (catalog.SaveProductsAnswer, error) {
	answer := catalog.SaveProductsAnswer{Results: make([]catalog.SaveProductsResult, len(req.Products))}
	changes, err := e.plan(ctx, req.Products, answer.Results)
	if err != nil {
		return catalog.SaveProductsAnswer{}, fmt.Errorf("save %d products: %w", len(req.Products), err)
	}
	if req.DryRun {
		err = e.foresee(ctx, changes)
	} else {
		err = e.putAll(ctx, changes)
	}
	if err != nil {
		return catalog.SaveProductsAnswer{}, fmt.Errorf("save %d products: %w", len(req.Products), err)
	}
	return answer, nil
}

// plan computes every product; it answers those that change, and writes down the results of the others.
func (e *Editor) plan(ctx context.Context, requests []catalog.SaveProductRequest, results []catalog.SaveProductsResult) ([]planned, error) {
	handles := make([]string, len(requests))
	for i, request := range requests {
		handles[i] = request.Handle
	}
	found, err := e.store.ProductsByHandle(ctx, handles)
	if err != nil {
		return nil, err
	}
	var changes []planned
	for i, request := range requests {
		before, exists := found[request.Handle]
		if !exists {
			before = catalog.Product{ID: e.newID()}
		}
		request = completed(before, request)
		after, err := product.Apply(before, request, e.clean, e.newID)
		if err != nil {
			if results[i], err = refused(err); err != nil {
				return nil, err
			}
			continue
		}
		results[i] = resultOf(before, after)
		if results[i].Outcome != catalog.OutcomeUnchanged {
			changes = append(changes, planned{Change{before, after}, request, &results[i]})
		}
	}
	return changes, nil
}

// completed adds to a request what an import leaves alone.
func completed(before catalog.Product, req catalog.SaveProductRequest) catalog.SaveProductRequest {
	if req.TaxClass == "" {
		req.TaxClass = before.TaxClass
	}
	if req.ExternalID == "" {
		req.ExternalID = before.ExternalID
	}
	for _, category := range before.Categories {
		req.CategoryHandles = append(slices.Clone(req.CategoryHandles), category.Handle)
	}
	for _, collection := range before.Collections {
		req.CollectionHandles = append(slices.Clone(req.CollectionHandles), collection.Handle)
	}
	attributes := maps.Clone(before.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	maps.Copy(attributes, req.Attributes)
	maps.DeleteFunc(attributes, func(_, value string) bool { return value == "" })
	req.Attributes = attributes
	return req
}

func resultOf(before, after catalog.Product) catalog.SaveProductsResult {
	result := catalog.SaveProductsResult{ProductID: after.ID, Outcome: catalog.OutcomeUpdated}
	switch {
	case before.Version == 0:
		result.Outcome = catalog.OutcomeCreated
	case product.Same(before, after):
		result.Outcome = catalog.OutcomeUnchanged
	}
	for _, v := range after.Variants {
		result.Variants = append(result.Variants, catalog.VariantRef{ID: v.ID, SKU: v.SKU})
	}
	return result
}

// refused is the result of a product that something is wrong with. Any other error is answered as it is.
func refused(err error) (catalog.SaveProductsResult, error) {
	var refusal *fault.Error
	if !isRefusal(err) || !errors.As(err, &refusal) {
		return catalog.SaveProductsResult{}, err
	}
	return catalog.SaveProductsResult{Refusal: refusal}, nil
}

// isRefusal says whether an error is the request's own fault.
func isRefusal(err error) bool {
	return errors.Is(err, catalog.ErrInvalidProduct) || errors.Is(err, catalog.ErrSKUTaken) || errors.Is(err, catalog.ErrExternalIDTaken)
}

// putAll saves changes together. When that is refused it halves them until it knows which one is to blame, in their order,
// so that of two products that want one SKU the first gets it.
func (e *Editor) putAll(ctx context.Context, changes []planned) error {
	if len(changes) == 0 {
		return nil
	}
	err := e.putTogether(ctx, changes)
	wasChanged := errors.Is(err, catalog.ErrVersionMismatch) || errors.Is(err, catalog.ErrHandleTaken)
	if err == nil || !isRefusal(err) && !wasChanged {
		return err
	}
	if len(changes) == 1 {
		return e.putAlone(ctx, changes[0])
	}
	half := len(changes) / 2
	if err := e.putAll(ctx, changes[:half]); err != nil {
		return err
	}
	return e.putAll(ctx, changes[half:])
}

func (e *Editor) putTogether(ctx context.Context, changes []planned) error {
	return e.store.InTx(ctx, func(tx Tx) error {
		next := make([]Change, len(changes))
		for i, change := range changes {
			next[i] = Change{change.Before, product.Clone(change.After)}
		}
		if err := e.nameAllGroups(ctx, tx, next); err != nil {
			return err
		}
		return tx.SaveProducts(ctx, next)
	})
}

// nameAllGroups is nameGroups for several products, of which many are in the same categories.
func (e *Editor) nameAllGroups(ctx context.Context, tx Tx, changes []Change) error {
	var all catalog.Product
	for _, change := range changes {
		all.Categories = append(all.Categories, change.After.Categories...)
		all.Collections = append(all.Collections, change.After.Collections...)
	}
	all.Categories = once(all.Categories, func(c catalog.Category) string { return c.Handle })
	all.Collections = once(all.Collections, func(c catalog.Collection) string { return c.Handle })
	if err := e.nameGroups(ctx, tx, &all); err != nil {
		return err
	}
	ids := map[string]string{}
	for _, category := range all.Categories {
		ids["category "+category.Handle] = category.ID
	}
	for _, collection := range all.Collections {
		ids["collection "+collection.Handle] = collection.ID
	}
	for _, change := range changes {
		for i, category := range change.After.Categories {
			change.After.Categories[i].ID = ids["category "+category.Handle]
		}
		for i, collection := range change.After.Collections {
			change.After.Collections[i].ID = ids["collection "+collection.Handle]
		}
	}
	return nil
}

// once answers one value for each handle, in the order of handles; one that has an id wins.
func once[T catalog.Category | catalog.Collection](list []T, handle func(T) string) []T {
	byHandle := map[string]T{}
	for _, item := range list {
		if _, known := byHandle[handle(item)]; !known || catalogID(item) != "" {
			byHandle[handle(item)] = item
		}
	}
	var kept []T
	for _, name := range slices.Sorted(maps.Keys(byHandle)) {
		kept = append(kept, byHandle[name])
	}
	return kept
}

func catalogID[T catalog.Category | catalog.Collection](item T) string {
	switch group := any(item).(type) {
	case catalog.Category:
		return group.ID
	case catalog.Collection:
		return group.ID
	}
	return ""
}

// putAlone computes one product anew as often as others change it, and writes down why it is refused.
func (e *Editor) putAlone(ctx context.Context, p planned) error {
	err := e.repeat(func() error {
		before, err := e.store.ProductByHandle(ctx, p.request.Handle)
		if errors.Is(err, catalog.ErrNotFound) {
			before, err = catalog.Product{ID: p.After.ID}, nil
		}
		if err != nil {
			return err
		}
		after, err := product.Apply(before, p.request, e.clean, e.newID)
		if err != nil {
			return err
		}
		*p.result = resultOf(before, after)
		if p.result.Outcome == catalog.OutcomeUnchanged {
			return nil
		}
		return e.nameTaken(ctx, e.putTogether(ctx, []planned{{Change: Change{before, after}}}), after)
	})
	if err == nil {
		return nil
	}
	*p.result, err = refused(err)
	return err
}

func skuField(i int, sku string) fault.Field {
	return fault.Field{Pointer: fmt.Sprintf("/variants/%d/sku", i), Code: catalog.ErrSKUTaken.Code, Detail: sku}
}
