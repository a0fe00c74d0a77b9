package inventory

import (
	"context"
	"time"
)

// Prefixes of public ids.
const (
	LocationPrefix    = "loc"
	ReservationPrefix = "res"
	MovementPrefix    = "mov"
	ReviewPrefix      = "srv"
)

// Modes of a SKU: counted, or sold without counting. A SKU that inventory has never heard of is counted, and has none.
const (
	ModeTrack = "track"
	ModeNone  = "none"
)

// Availabilities as shoppers see them; never a count.
const (
	InStock    = "in_stock"
	LowStock   = "low_stock"
	OutOfStock = "out_of_stock"
	Backorder  = "backorder"
)

// States of a reservation.
const (
	ReservationOpen      = "open"
	ReservationAllocated = "allocated"
	ReservationShipped   = "shipped"
	ReservationReleased  = "released"
	ReservationExpired   = "expired"
)

// Reasons of an adjustment.
const (
	ReasonCount      = "count"
	ReasonReceive    = "receive"
	ReasonDamage     = "damage"
	ReasonCorrection = "correction"
)

// Service promises stock and keeps the promise.
type Service interface {
	// Availability answers each SKU asked for, once, known or not.
	Availability(ctx context.Context, req AvailabilityRequest) (AvailabilityAnswer, error)
	// Reserve holds all lines or none until HoldUntil by the database clock. Demand is summed per SKU first; a SKU may be
	// split over locations. The same reference again answers its first answer and holds nothing more. When too many want one
	// SKU, the call waits for its turn, for 5 s at most.
	// Errors: ErrInsufficientStock, ErrReferenceClosed, ErrBusy.
	Reserve(ctx context.Context, req ReserveRequest) (ReserveAnswer, error)
	// Extend holds until HoldUntil what a reference holds, and never shortens a hold. It loses to the end of the hold by the
	// database clock, however late that is noticed. What is owed to an order needs no hold, and is answered as it is.
	// Errors: ErrHoldExpired, also for a reference that was released, or never was.
	Extend(ctx context.Context, req ExtendRequest) (ExtendAnswer, error)
	// Release gives back the open holds of a reference and closes it: a Reserve that arrives later is refused. An unknown
	// reference is closed too; releasing twice changes nothing; what is allocated to an order stays.
	Release(ctx context.Context, req ReleaseRequest) (ReleaseAnswer, error)
	// Confirm turns the open holds of each reference into stock owed to an order. Repeating it changes nothing. References
	// whose hold has ended (it expired, was released, or was never made) are listed in the answer and left as they are; for
	// each of them a review is opened, once. Those of canceled orders are neither confirmed nor listed.
	Confirm(ctx context.Context, req ConfirmRequest) (ConfirmAnswer, error)
	// Deallocate gives back what a reference holds, open or allocated, and closes it, because its order was canceled. With
	// lines given only so much is given back and the reference stays open. ID makes the call idempotent.
	// Errors: ErrNotAllocated.
	Deallocate(ctx context.Context, req DeallocateRequest) (DeallocateAnswer, error)
	// Ship takes allocated stock off the shelf: on hand goes down with a movement. ID makes the call idempotent. Holds of the
	// reference that are still open are allocated first. SKUs sold without counting are ignored.
	// Errors: ErrNotAllocated, ErrHoldExpired.
	Ship(ctx context.Context, req ShipRequest) (ShipAnswer, error)
	// Adjust changes what is on hand by Delta.
	// Errors: ErrNegativeStock, ErrUnknownLocation.
	//rialto:once
	Adjust(ctx context.Context, req AdjustRequest) (AdjustAnswer, error)
	// SetStock sets mode and, where given, the counted quantity of SKUs at a location (the first location when empty), as an
	// import or a stock count does, for at most 10,000 SKUs a call: all or none. It writes a movement only for a difference.
	// Errors: ErrNegativeStock, ErrUnknownLocation.
	SetStock(ctx context.Context, req SetStockRequest) (SetStockAnswer, error)
	// Register tells inventory which variant a SKU belongs to. SKUs that are new start counted, with nothing on hand.
	Register(ctx context.Context, req RegisterRequest) (RegisterAnswer, error)
	// SaveLocation creates the location of this code, or renames it.
	SaveLocation(ctx context.Context, req SaveLocationRequest) (Location, error)
}

// Demand is a quantity of a SKU.
type Demand struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// StockStatus is what can be sold of a SKU now. Available counts the backorder limit; it is 0 and means nothing when
// Mode is ModeNone.
type StockStatus struct {
	SKU          string `json:"sku"`
	Mode         string `json:"mode"`
	Available    int64  `json:"available"`
	Availability string `json:"availability"`
}

// Location is a place with countable stock. Stock is taken from the lowest position first.
type Location struct {
	ID        string    `json:"id"`
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Country   string    `json:"country"`
	Position  int       `json:"position"`
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Level is the stock of a SKU at a location.
type Level struct {
	SKU        string `json:"sku"`
	VariantID  string `json:"variant_id"`
	LocationID string `json:"location_id"`
	OnHand     int64  `json:"on_hand"`
	Reserved   int64  `json:"reserved"`
	Allocated  int64  `json:"allocated"`
	Incoming   int64  `json:"incoming"`
	Available  int64  `json:"available"`
}

// Reservation is a hold on stock at one location.
type Reservation struct {
	ID         string    `json:"id"`
	Reference  string    `json:"reference"`
	SKU        string    `json:"sku"`
	LocationID string    `json:"location_id"`
	Quantity   int64     `json:"quantity"`
	State      string    `json:"state"`
	HoldUntil  time.Time `json:"hold_until"`
}

// AvailabilityRequest names SKUs.
type AvailabilityRequest struct {
	SKUs []string `json:"skus"`
}

// AvailabilityAnswer holds one status per distinct SKU asked for.
type AvailabilityAnswer struct {
	Statuses []StockStatus `json:"statuses"`
}

// ReserveRequest asks to hold stock for a reference.
type ReserveRequest struct {
	Reference string    `json:"reference"`
	Lines     []Demand  `json:"lines"`
	HoldUntil time.Time `json:"hold_until"`
}

// ReserveAnswer holds the reservations of the reference; SKUs sold without counting have none.
type ReserveAnswer struct {
	Reservations []Reservation `json:"reservations"`
}

// ExtendRequest asks to hold longer what a reference holds.
type ExtendRequest struct {
	Reference string    `json:"reference"`
	HoldUntil time.Time `json:"hold_until"`
}

// ExtendAnswer says until when the stock is held: never less than before.
type ExtendAnswer struct {
	HoldUntil time.Time `json:"hold_until"`
}

// ReleaseRequest names the reference to give back.
type ReleaseRequest struct {
	Reference string `json:"reference"`
}

// ReleaseAnswer counts the units given back.
type ReleaseAnswer struct {
	Units int64 `json:"units"`
}

// ConfirmRequest names references whose orders were placed.
type ConfirmRequest struct {
	References []string `json:"references"`
}

// ConfirmAnswer lists the references that could not be confirmed because their hold had ended.
type ConfirmAnswer struct {
	Expired []string `json:"expired"`
}

// DeallocateRequest gives stock of a reference back, all of it or the given lines.
type DeallocateRequest struct {
	ID        string   `json:"id"`
	Reference string   `json:"reference"`
	Lines     []Demand `json:"lines,omitempty"`
}

// DeallocateAnswer counts the units given back by the first call with this ID.
type DeallocateAnswer struct {
	Units int64 `json:"units"`
}

// ShipRequest sends allocated stock; LocationID, when given, is preferred.
type ShipRequest struct {
	ID         string   `json:"id"`
	Reference  string   `json:"reference"`
	Lines      []Demand `json:"lines"`
	LocationID string   `json:"location_id,omitempty"`
}

// ShipAnswer names the location that most of the stock left from; empty when nothing was counted.
type ShipAnswer struct {
	LocationID string `json:"location_id"`
}

// AdjustRequest changes stock on hand.
type AdjustRequest struct {
	SKU        string `json:"sku"`
	LocationID string `json:"location_id"`
	Delta      int64  `json:"delta"`
	Reason     string `json:"reason"`
	Note       string `json:"note,omitempty"`
}

// AdjustAnswer holds the ledger entry's id and the level after it.
type AdjustAnswer struct {
	MovementID string    `json:"movement_id"`
	Level      Level     `json:"level"`
	CreatedAt  time.Time `json:"created_at"`
}

// SetStockRequest sets many SKUs at one location.
type SetStockRequest struct {
	LocationID string      `json:"location_id"`
	Items      []StockItem `json:"items"`
}

// KeepThreshold as a LowStockThreshold leaves the threshold as it is; a new SKU has 0.
const KeepThreshold = -1

// StockItem is the wanted state of a SKU; OnHand nil leaves the count alone, an empty VariantID or Mode what is there (a new
// SKU is counted). BackorderLimit counts over all locations.
type StockItem struct {
	SKU               string `json:"sku"`
	VariantID         string `json:"variant_id"`
	Mode              string `json:"mode"`
	BackorderLimit    int64  `json:"backorder_limit"`
	LowStockThreshold int64  `json:"low_stock_threshold"`
	OnHand            *int64 `json:"on_hand"`
}

// SetStockAnswer counts the levels whose quantity changed.
type SetStockAnswer struct {
	Changed int `json:"changed"`
}

// RegisterRequest maps SKUs to variants.
type RegisterRequest struct {
	Items []RegisterItem `json:"items"`
}

// RegisterItem maps one SKU.
type RegisterItem struct {
	SKU       string `json:"sku"`
	VariantID string `json:"variant_id"`
}

// RegisterAnswer is empty.
type RegisterAnswer struct{}

// SaveLocationRequest carries the wanted location; Code decides which.
type SaveLocationRequest struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Country  string `json:"country"`
	Position int    `json:"position"`
}
