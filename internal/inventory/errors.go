package inventory

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service.
var (
	// ErrInsufficientStock carries one field per SKU that is short, with members "sku" and "available".
	ErrInsufficientStock = fault.New("insufficient_stock", "not enough stock")
	// ErrReferenceClosed answers a Reserve whose reference was released or deallocated, or whose hold has ended.
	ErrReferenceClosed = fault.New("reference_closed", "the reference was released before")
	// ErrBusy answers a Reserve that waited too long for its turn at a SKU; nothing was done, and it may be tried again.
	ErrBusy = fault.New("overloaded", "too many want the same goods at this moment")
	// ErrHoldExpired answers a Ship and an Extend of a hold that has ended.
	ErrHoldExpired = fault.New("hold_expired", "the hold on the stock has ended")
	// ErrNotAllocated answers a Ship or a Deallocate of more than the reference holds, and a Ship of units on backorder.
	ErrNotAllocated    = fault.New("line_not_fulfillable", "the stock is not allocated to this reference")
	ErrNegativeStock   = fault.New("negative_stock", "the adjustment would leave less stock than is promised")
	ErrUnknownLocation = fault.New("unknown_location", "there is no such stock location")
	ErrNotFound        = fault.New("not_found", "there is no such thing in the inventory")
	ErrCodeTaken       = fault.New("code_taken", "another stock location has this code")
	ErrVersionMismatch = fault.New("version_mismatch", "it was changed since it was read")
)
