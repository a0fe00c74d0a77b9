package basket

import (
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Standing returns the status that holds now: a freeze that has lapsed no longer stops changes, and a cart whose time is
// over has expired before anybody marks it.
func (c Cart) Standing() string {
	status := c.Status
	if status == cart.StatusCheckingOut && c.Lapsed {
		status = cart.StatusOpen
	}
	if status == cart.StatusOpen && c.Overdue {
		status = cart.StatusExpired
	}
	return status
}

// Change refuses to let a cart be changed that is not open. Errors: cart.ErrNotOpen.
func (c Cart) Change() error {
	if standing := c.Standing(); standing != cart.StatusOpen {
		return cart.ErrNotOpen.Detailf("the cart is %s", spoken(standing))
	}
	return nil
}

// Freeze refuses to let a cart be checked out that is not open, or that another checkout holds.
// Errors: cart.ErrCheckoutInProgress, cart.ErrNotOpen.
func (c Cart) Freeze() error {
	if c.Standing() == cart.StatusCheckingOut {
		return cart.ErrCheckoutInProgress
	}
	return c.Change()
}

// Expect refuses a cart that is not at the version that was read; 0 stands for any. Errors: cart.ErrVersionMismatch.
func (c Cart) Expect(version int) error {
	if version != 0 && version != c.Version {
		return cart.ErrVersionMismatch
	}
	return nil
}

func spoken(status string) string {
	switch status {
	case cart.StatusCheckingOut:
		return "being checked out"
	case cart.StatusMerged:
		return "merged into another one"
	default:
		return status
	}
}

func field(pointer string, err *fault.Error) *fault.Error {
	return err.With(fault.Field{Pointer: pointer, Code: err.Code, Detail: err.Detail})
}

// LinePointer returns the JSON pointer of the line at index i of a list of lines.
func LinePointer(i int) string { return fmt.Sprintf("/lines/%d", i) }
