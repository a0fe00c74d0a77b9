package fulfillment

// ShipmentCreated says that some lines of an order were sent.
type ShipmentCreated struct {
	ShipmentID string `json:"shipment_id"`
	OrderID    string `json:"order_id"`
}

// EventName implements the outbox's Event.
func (ShipmentCreated) EventName() string { return "fulfillment.shipment_created.v1" }
