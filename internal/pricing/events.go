package pricing

// PriceChanged says that a price of a variant was set or removed.
type PriceChanged struct {
	VariantID string `json:"variant_id"`
	Currency  string `json:"currency"`
}

// EventName implements the outbox's Event.
func (PriceChanged) EventName() string { return "pricing.price_changed.v1" }
