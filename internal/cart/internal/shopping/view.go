package shopping

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

// View is what a shopper sees of a cart.
type View struct {
	Cart    basket.Cart
	Channel string
	// Token is set only when the cart was opened.
	Token        string
	Lines        []cart.SnapshotLine
	Availability []string
	// Option is nil when none is chosen.
	Option      *fulfillment.Option
	Totals      cart.Totals
	TotalsFinal bool
	TaxIncluded bool
	Messages    []Message
}

// look adds what stock says of the lines, and what the shopper should be told.
func (s *Shop) look(ctx context.Context, c basket.Cart, val valuing.Valuation) (View, error) {
	view := View{Cart: c, Channel: val.Channel.Code, Lines: val.SnapshotLines(c), Option: val.Option,
		Totals: val.Sheet.Totals, TotalsFinal: val.Final(), TaxIncluded: val.Channel.TaxIncluded}
	stock, err := s.stock(ctx, view.Lines)
	if err != nil {
		return View{}, err
	}
	view.Availability = stock.availability(view.Lines)
	view.Messages = messages(c, val, stock)
	return view, nil
}

// agreed answers a cart that a checkout holds, or that became an order, as it was agreed.
func (s *Shop) agreed(ctx context.Context, c basket.Cart) (view View, agreed bool, err error) {
	if standing := c.Standing(); standing != cart.StatusCheckingOut && standing != cart.StatusCompleted {
		return View{}, false, nil
	}
	freeze, err := s.parts.Store.Agreed(ctx, c.ID)
	if err != nil {
		return View{}, false, err
	}
	if freeze.State == "" {
		return View{}, false, nil
	}
	snapshot := freeze.Snapshot
	view = View{Cart: c, Channel: snapshot.Channel.Code, Lines: snapshot.Lines, Option: option(snapshot.Shipping),
		Totals: snapshot.Totals, TotalsFinal: true, TaxIncluded: snapshot.TaxIncluded}
	stock, err := s.stock(ctx, view.Lines)
	if err != nil {
		return View{}, false, err
	}
	view.Availability = stock.availability(view.Lines)
	return view, true, nil
}

func option(shipping *cart.SnapshotShipping) *fulfillment.Option {
	if shipping == nil {
		return nil
	}
	return &fulfillment.Option{ID: shipping.OptionID, Code: shipping.Code, Name: shipping.Name, Price: shipping.Price}
}

// stock is what can be sold, by SKU. It is unknown while inventory is away.
type stock struct {
	statuses map[string]inventory.StockStatus
	unknown  bool
}

// stockLimit is how long inventory may take to say what a cart can do without.
const stockLimit = 2 * time.Second

// stock asks what there is. A cart promises no stock, so it does without the answer.
func (s *Shop) stock(ctx context.Context, lines []cart.SnapshotLine) (stock, error) {
	skus := make(map[string]bool, len(lines))
	var wanted []string
	for _, line := range lines {
		if !skus[line.SKU] {
			skus[line.SKU] = true
			wanted = append(wanted, line.SKU)
		}
	}
	if wanted == nil {
		return stock{}, nil
	}
	limited, cancel := context.WithTimeout(ctx, stockLimit)
	defer cancel()
	answer, err := s.parts.Inventory.Availability(limited, inventory.AvailabilityRequest{SKUs: wanted})
	if errors.Is(err, remote.ErrUnavailable) || limited.Err() != nil && ctx.Err() == nil {
		return stock{unknown: true}, nil
	}
	if err != nil {
		return stock{}, fmt.Errorf("read availability for cart: %w", err)
	}
	found := make(map[string]inventory.StockStatus, len(answer.Statuses))
	for _, status := range answer.Statuses {
		found[status.SKU] = status
	}
	return stock{statuses: found}, nil
}

func (s stock) availability(lines []cart.SnapshotLine) []string {
	found := make([]string, len(lines))
	for i, line := range lines {
		switch found[i] = s.statuses[line.SKU].Availability; {
		case s.unknown:
			found[i] = inventory.InStock
		case found[i] == "":
			found[i] = inventory.OutOfStock
		}
	}
	return found
}

// short tells for each line that can be bought whether all lines of its SKU together ask for more than can be sold.
func (s stock) short(c basket.Cart, val valuing.Valuation) []bool {
	demand := make(map[string]int64)
	for i, line := range c.Lines {
		if val.Lines[i].Fault == nil {
			demand[val.Lines[i].Product.SKU] += line.Quantity
		}
	}
	short := make([]bool, len(c.Lines))
	for i := range c.Lines {
		status := s.statuses[val.Lines[i].Product.SKU]
		short[i] = !s.unknown && val.Lines[i].Fault == nil && status.Mode != inventory.ModeNone && demand[status.SKU] > status.Available
	}
	return short
}
