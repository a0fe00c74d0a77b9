package basket

import (
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
)

// Lifetime is how long a cart lives after its last change, up to the next full hour.
const Lifetime = 30 * 24 * time.Hour

// States of a freeze: it holds its cart, it was given up, or its cart became an order.
const (
	FreezeActive = "active"
	FreezeThawed = "thawed"
	FreezeClosed = "closed"
)

// Freeze is what is known of a reference. A thawed one has forgotten its snapshot.
type Freeze struct {
	State    string
	Snapshot cart.Snapshot
	Until    time.Time
}

// Hold is a freeze to be made. Version is that of the cart when the snapshot was agreed.
type Hold struct {
	Reference string
	CartID    string
	Version   int
	Until     time.Time
	Snapshot  cart.Snapshot
}

// EndsBefore says that the freeze holds its cart, but not as long as that.
func (f Freeze) EndsBefore(until time.Time) bool {
	return f.State == FreezeActive && f.Until.Before(until)
}

// Answer returns the snapshot of a reference that is known: the same one for as long as it holds, and after the order
// was placed. known is false for one that is not. Errors: cart.ErrReferenceClosed.
func (f Freeze) Answer() (snapshot cart.Snapshot, known bool, err error) {
	switch f.State {
	case "":
		return cart.Snapshot{}, false, nil
	case FreezeThawed:
		return cart.Snapshot{}, true, cart.ErrReferenceClosed
	default:
		return f.Snapshot, true, nil
	}
}
