package inventory

// AvailabilityChanged says that what a shopper is told of a SKU changed: it crossed zero or its low-stock threshold.
// It is not announced per sale.
type AvailabilityChanged struct {
	SKU          string `json:"sku"`
	Availability string `json:"availability"`
}

// EventName implements the outbox's Event.
func (AvailabilityChanged) EventName() string { return "inventory.availability_changed.v1" }
