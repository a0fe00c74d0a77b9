package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// bought is how many units are bought of a counted variant.
const bought = 3

// buy buys some of the first variant that is counted and has enough, and checks what that does to its stock.
func buy(ctx context.Context, shop *client) error {
	levels, err := each[stockLevel](ctx, shop, "/stock-levels", "")
	if err != nil {
		return err
	}
	for _, level := range levels {
		if level.OnHand >= bought && level.Available >= bought {
			return buyOf(ctx, shop, level)
		}
	}
	fmt.Printf("\nno counted variant has %d units to buy\n", bought)
	return nil
}

func buyOf(ctx context.Context, shop *client, before stockLevel) error {
	found, err := search(ctx, shop, before.SKU)
	if err != nil {
		return err
	}
	fmt.Printf("\nbuying %d of %s, found by searching its title\n", bought, found.handle)
	order, err := checkOut(ctx, shop, found.variantID)
	if err != nil {
		return err
	}
	fmt.Printf("  order %s, %s, %s\n", order.Number, order.Status, order.PaymentStatus)
	sold, err := level(ctx, shop, before.SKU)
	if err != nil {
		return err
	}
	ship := call{method: http.MethodPost, path: "/admin/v1/orders/" + order.ID + "/fulfillments",
		header: []string{"Authorization", "Bearer " + shop.key}, body: struct{}{}}
	if err := shop.do(ctx, ship, &struct{}{}); err != nil {
		return err
	}
	sent, err := level(ctx, shop, before.SKU)
	if err != nil {
		return err
	}
	return compareStock(before, sold, sent)
}

// compareStock prints the stock before, once sold and once sent.
func compareStock(before, sold, sent stockLevel) error {
	table := newTable("stock of "+before.SKU, "before", "sold", "sent")
	available, promised := before.Available, before.promised()
	table.compare("available", fmt.Sprint(available), []int{available - bought, available - bought}, []int{sold.Available, sent.Available})
	table.compare("promised", fmt.Sprint(promised), []int{promised + bought, promised}, []int{sold.promised(), sent.promised()})
	table.compare("on hand", fmt.Sprint(before.OnHand), []int{before.OnHand, before.OnHand - bought}, []int{sold.OnHand, sent.OnHand})
	return table.print()
}

func level(ctx context.Context, shop *client, sku string) (stockLevel, error) {
	levels, err := each[stockLevel](ctx, shop, "/stock-levels", "&sku="+url.QueryEscape(sku))
	if err == nil && len(levels) != 1 {
		err = fmt.Errorf("%s has %d stock levels, not 1", sku, len(levels))
	}
	if err != nil {
		return stockLevel{}, err
	}
	return levels[0], nil
}

type hit struct{ handle, variantID string }

// search finds the variant of a SKU as a shopper does, by the title of its product.
func search(ctx context.Context, shop *client, sku string) (hit, error) {
	owners, err := each[product](ctx, shop, "/products", "&sku="+url.QueryEscape(sku))
	if err == nil && len(owners) != 1 {
		err = fmt.Errorf("%s belongs to %d products, not 1", sku, len(owners))
	}
	if err != nil {
		return hit{}, err
	}
	var results page[product]
	query := call{method: http.MethodGet, path: "/store/v1/products?q=" + url.QueryEscape(owners[0].Title)}
	if err := shop.do(ctx, query, &results); err != nil {
		return hit{}, err
	}
	for _, p := range results.Data {
		for _, v := range p.Variants {
			if v.SKU == sku {
				return hit{p.Handle, v.ID}, nil
			}
		}
	}
	return hit{}, fmt.Errorf("searching %q does not find %s", owners[0].Title, sku)
}

type placedOrder struct {
	ID            string `json:"id"`
	Number        string `json:"number"`
	Status        string `json:"status"`
	PaymentStatus string `json:"payment_status"`
	Token         string `json:"token"`
}

// checkOut fills a cart, chooses shipping, checks the cart out and reads the order by its token.
func checkOut(ctx context.Context, shop *client, variantID string) (order placedOrder, err error) {
	var cart struct {
		ID    string `json:"id"`
		Token string `json:"token"`
	}
	lines := map[string]any{"lines": []map[string]any{{"variant_id": variantID, "quantity": bought}}}
	if err := shop.do(ctx, call{method: http.MethodPost, path: "/store/v1/carts", body: lines}, &cart); err != nil {
		return order, err
	}
	token := []string{"Cart-Token", cart.Token}
	path := "/store/v1/carts/" + cart.ID
	if err := chooseShipping(ctx, shop, path, token); err != nil {
		return order, err
	}
	var checkout struct {
		Status string      `json:"status"`
		Order  placedOrder `json:"order"`
	}
	pay := call{method: http.MethodPost, path: "/store/v1/checkouts", header: append(token, "Idempotency-Key", "try-import-"+cart.ID),
		body: map[string]any{"cart_id": cart.ID, "payment": map[string]any{"method": "manual"}}}
	if err := shop.do(ctx, pay, &checkout); err != nil {
		return order, err
	}
	if checkout.Status != "completed" {
		return order, fmt.Errorf("the checkout is %s, not completed", checkout.Status)
	}
	read := call{method: http.MethodGet, path: "/store/v1/orders/" + checkout.Order.ID, header: []string{"Order-Token", checkout.Order.Token}}
	err = shop.do(ctx, read, &order)
	return order, err
}

func chooseShipping(ctx context.Context, shop *client, cart string, token []string) error {
	address := map[string]any{"email": "ada@example.com", "shipping_address": map[string]any{
		"first_name": "Ada", "last_name": "Byron", "line1": "Lindenweg 4", "city": "Jena", "postal_code": "07743", "country": "DE"}}
	var changed struct{}
	if err := shop.do(ctx, call{method: http.MethodPatch, path: cart, header: token, body: address}, &changed); err != nil {
		return err
	}
	var options page[struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}]
	if err := shop.do(ctx, call{method: http.MethodGet, path: cart + "/shipping-options", header: token}, &options); err != nil {
		return err
	}
	if len(options.Data) == 0 {
		return errors.New("nothing can be shipped to Germany")
	}
	fmt.Println("  shipped by", options.Data[0].Name)
	choice := map[string]any{"shipping_option_id": options.Data[0].ID}
	return shop.do(ctx, call{method: http.MethodPatch, path: cart, header: token, body: choice}, &changed)
}
