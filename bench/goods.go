package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/sync/errgroup"
)

const (
	assortment = 500
	plenty     = 1_000_000
	// hotUnits are sold to hotBuyers.
	hotUnits  = 1_000
	hotBuyers = 10_000
	// stockers put goods on the shelves at once.
	stockers = 4
)

// staff is the admin API with an owner's key.
type staff struct {
	url, key string
}

// call makes a request that must succeed and decodes the answer into into, unless that is nil.
func (s staff) call(ctx context.Context, method, path string, body, into any) error {
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url+"/admin/v1"+path, &sent)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

type (
	object = map[string]any
	named  struct {
		ID string `json:"id"`
	}
	list struct {
		Data []named `json:"data"`
	}
)

// stock puts products on sale, one per SKU, with that many units at the first location.
func (s staff) stock(ctx context.Context, units int, skus ...string) error {
	var locations list
	if err := s.call(ctx, http.MethodGet, "/stock-locations", nil, &locations); err != nil {
		return err
	}
	if len(locations.Data) == 0 {
		return fmt.Errorf("there is no stock location")
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(stockers)
	for _, sku := range skus {
		group.Go(func() error {
			if err := s.offer(ctx, sku); err != nil {
				return err
			}
			return s.call(ctx, http.MethodPost, "/stock-levels/adjustments", object{
				"sku": sku, "location_id": locations.Data[0].ID, "delta": units, "reason": "receive"}, nil)
		})
	}
	return group.Wait()
}

// offer makes a product with one variant and a price.
func (s staff) offer(ctx context.Context, sku string) error {
	var product named
	err := s.call(ctx, http.MethodPost, "/products", object{
		"title": "Product " + sku, "status": "active", "variants": []object{{"sku": sku}}}, &product)
	if err != nil {
		return err
	}
	var variants list
	if err := s.call(ctx, http.MethodGet, "/products/"+product.ID+"/variants", nil, &variants); err != nil {
		return err
	}
	if len(variants.Data) != 1 {
		return fmt.Errorf("product %s has %d variants", sku, len(variants.Data))
	}
	return s.call(ctx, http.MethodPost, "/prices", object{
		"variant_id": variants.Data[0].ID, "amount": object{"amount": 2100, "currency": "EUR"}}, nil)
}

// shelf is the SKUs that most loads buy from.
func shelf() []string {
	skus := make([]string, assortment)
	for i := range skus {
		skus[i] = fmt.Sprintf("BENCH-%04d", i+1)
	}
	return skus
}

// hotSKU is the one everybody wants in a round.
func hotSKU(round int) string { return fmt.Sprintf("HOT-%d", round) }

const (
	// countedSKU never sells out; of soldOutSKU there is one unit, which the warm-up buys.
	countedSKU = "HOT-COUNTED"
	soldOutSKU = "SOLD-OUT"
)
