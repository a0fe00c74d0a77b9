package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"go.yaml.in/yaml/v3"
)

// FeaturedSKU is a variant that there is always plenty of, for examples that buy something.
const FeaturedSKU = "TEE-NAVY-M"

//go:embed terms.yaml
var termsText []byte

//go:embed products.yaml
var productsText []byte

// terms are what the shop sells on.
type terms struct {
	Currency        string           `yaml:"currency"`
	Location        location         `yaml:"location"`
	RetiredShipping shippingOption   `yaml:"retired_shipping"`
	Shipping        []shippingOption `yaml:"shipping"`
	Taxes           []taxRate        `yaml:"taxes"`
}

type location struct {
	Code     string `yaml:"code"`
	Name     string `yaml:"name"`
	Country  string `yaml:"country"`
	Position int    `yaml:"position"`
}

type shippingOption struct {
	Code      string   `yaml:"code"`
	Name      string   `yaml:"name"`
	Countries []string `yaml:"countries"`
	Price     string   `yaml:"price"`
	// Days are the fewest and the most until delivery.
	Days [2]int `yaml:"days"`
}

type taxRate struct {
	Country string `yaml:"country"`
	Class   string `yaml:"class"`
	Rate    string `yaml:"rate"`
	Name    string `yaml:"name"`
}

// product is one of the goods. Amounts are in major units.
type product struct {
	Handle      string            `yaml:"handle"`
	Title       string            `yaml:"title"`
	Vendor      string            `yaml:"vendor"`
	Type        string            `yaml:"type"`
	TaxClass    string            `yaml:"tax_class"`
	Categories  []string          `yaml:"categories"`
	Collections []string          `yaml:"collections"`
	Tags        []string          `yaml:"tags"`
	Attributes  map[string]string `yaml:"attributes"`
	Description string            `yaml:"description"`
	Grams       int64             `yaml:"grams"`
	Price       string            `yaml:"price"`
	CompareAt   string            `yaml:"compare_at"`
	// Digital goods are not sent.
	Digital  bool      `yaml:"digital"`
	Picture  drawing   `yaml:"picture"`
	Options  []string  `yaml:"options"`
	Variants []variant `yaml:"variants"`
}

// variant has one value for each option of its product. Grams, Price and CompareAt are the product's where it has none.
type variant struct {
	SKU       string   `yaml:"sku"`
	Values    []string `yaml:"values"`
	Grams     int64    `yaml:"grams"`
	Price     string   `yaml:"price"`
	CompareAt string   `yaml:"compare_at"`
	// Stock is what is at the first location and at the shop's own; nil means sold without counting.
	Stock *[2]int64 `yaml:"stock"`
}

// shop is all of the data.
type shop struct {
	terms    terms
	products []product
}

var readShop = sync.OnceValues(parseShop)

func parseShop() (shop, error) {
	var read shop
	if err := parse(termsText, &read.terms); err != nil {
		return shop{}, fmt.Errorf("read terms of the demo shop: %w", err)
	}
	if err := parse(productsText, &read.products); err != nil {
		return shop{}, fmt.Errorf("read products of the demo shop: %w", err)
	}
	for i := range read.products {
		read.products[i].complete()
	}
	return read, nil
}

func parse(text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}

// complete gives the variants what they have from their product.
func (p *product) complete() {
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.Grams == 0 {
			v.Grams = p.Grams
		}
		if v.Price == "" {
			v.Price, v.CompareAt = p.Price, p.CompareAt
		}
	}
}

func skus(products []product) []string {
	var list []string
	for _, p := range products {
		for _, v := range p.Variants {
			list = append(list, v.SKU)
		}
	}
	return list
}
