package catalog

// ProductChanged says that a product, its variants, its publication or its place in categories and collections changed.
type ProductChanged struct {
	ProductID string       `json:"product_id"`
	Handle    string       `json:"handle"`
	Status    string       `json:"status"`
	Variants  []VariantRef `json:"variants"`
}

// VariantRef names a variant and its stock-keeping code.
type VariantRef struct {
	ID  string `json:"id"`
	SKU string `json:"sku"`
}

// EventName implements the outbox's Event.
func (ProductChanged) EventName() string { return "catalog.product_changed.v1" }
