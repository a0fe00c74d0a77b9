package orders

// OrderPlaced says that a checkout became an order. It carries no personal data.
type OrderPlaced struct {
	OrderID   string `json:"order_id"`
	Number    string `json:"number"`
	Reference string `json:"reference"`
	CartID    string `json:"cart_id"`
	ChannelID string `json:"channel_id"`
	// CapturePayment says that the payment is to be captured now, by the channel's policy.
	CapturePayment bool `json:"capture_payment"`
}

// EventName implements the outbox's Event.
func (OrderPlaced) EventName() string { return "orders.order_placed.v1" }

// OrderChanged says that an order's statuses changed.
type OrderChanged struct {
	OrderID           string `json:"order_id"`
	Status            string `json:"status"`
	PaymentStatus     string `json:"payment_status"`
	FulfillmentStatus string `json:"fulfillment_status"`
}

// EventName implements the outbox's Event.
func (OrderChanged) EventName() string { return "orders.order_changed.v1" }
