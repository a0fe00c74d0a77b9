package main

import (
	"context"
	"fmt"
)

type product struct {
	ID       string    `json:"id"`
	Handle   string    `json:"handle"`
	Title    string    `json:"title"`
	Variants []variant `json:"variants"`
}

type variant struct {
	ID  string `json:"id"`
	SKU string `json:"sku"`
}

type stockLevel struct {
	SKU       string `json:"sku"`
	OnHand    int    `json:"on_hand"`
	Reserved  int    `json:"reserved"`
	Allocated int    `json:"allocated"`
	Available int    `json:"available"`
}

// promised is what is held for checkouts or owed to orders.
func (l stockLevel) promised() int { return l.Reserved + l.Allocated }

// compareShop compares what the files count together with what the admin API shows.
func compareShop(ctx context.Context, shop *client, expected counts) error {
	products, err := each[product](ctx, shop, "/products", "")
	if err != nil {
		return err
	}
	variants := 0
	for _, p := range products {
		n, err := shop.total(ctx, "/products/"+p.ID+"/variants")
		if err != nil {
			return err
		}
		variants += n
	}
	prices, err := shop.total(ctx, "/prices")
	if err != nil {
		return err
	}
	levels, err := each[stockLevel](ctx, shop, "/stock-levels", "")
	if err != nil {
		return err
	}
	units := 0
	for _, level := range levels {
		units += level.OnHand
	}
	fmt.Println("\nthe shop, by the admin API")
	table := newTable("", "files", "shop")
	table.row("products", expected.products, len(products))
	table.row("variants", expected.variants, variants)
	table.row("prices", expected.variants, prices)
	table.row("stock levels", expected.tracked, len(levels))
	table.row("units in stock", expected.units, units)
	return table.print()
}
