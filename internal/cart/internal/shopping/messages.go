package shopping

import (
	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/inventory"
)

// Types of a message.
const (
	TypeInfo    = "info"
	TypeWarning = "warning"
	TypeError   = "error"
)

// Severities of a message: go on, the front end can mend it, or nothing can be checked out until it is gone.
const (
	SeverityAdvisory    = "advisory"
	SeverityRecoverable = "recoverable"
	SeverityBlocking    = "blocking"
)

// Message is something the shopper or the front end should know. Code is spelled like that of an error, Path is a JSON
// pointer into the cart.
type Message struct {
	Type     string
	Code     string
	Severity string
	Path     string
	Text     string
}

// codeAvailabilityUnknown names no error: stock is looked at when the cart is ordered.
const codeAvailabilityUnknown = "availability_unknown"

func messages(c basket.Cart, val valuing.Valuation, stock stock) []Message {
	var found []Message
	if stock.unknown {
		found = append(found, Message{Type: TypeInfo, Code: codeAvailabilityUnknown, Severity: SeverityAdvisory,
			Text: "What is in stock cannot be said at the moment. It is looked at when the cart is ordered."})
	}
	short := stock.short(c, val)
	for i := range c.Lines {
		switch {
		case val.Lines[i].Fault != nil:
			found = append(found, Message{Type: TypeError, Code: val.Lines[i].Fault.Code, Severity: SeverityBlocking,
				Path: basket.LinePointer(i), Text: "This can no longer be bought here. Its amounts are left out of the totals."})
		case short[i]:
			found = append(found, Message{Type: TypeWarning, Code: inventory.ErrInsufficientStock.Code,
				Severity: SeverityRecoverable, Path: basket.LinePointer(i), Text: "There is less in stock than is in the cart."})
		}
	}
	if val.OptionLost {
		found = append(found, Message{Type: TypeWarning, Code: cart.ErrShippingOptionRequired.Code,
			Severity: SeverityRecoverable, Path: "/shipping_option",
			Text: "The shipping option that was chosen does not serve this address. Choose another one."})
	}
	if len(c.Lines) > 0 && !val.PlaceDecided {
		found = append(found, Message{Type: TypeInfo, Code: cart.ErrAddressIncomplete.Code, Severity: SeverityRecoverable,
			Path: addressPointer(val), Text: "Tax and shipping are known once there is an address."})
	}
	return found
}

func addressPointer(val valuing.Valuation) string {
	if val.Shippable {
		return basket.ShippingPointer
	}
	return basket.BillingPointer
}
