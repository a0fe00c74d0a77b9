// Package completing carries an attempt from its request to exactly one order, or back to where nothing is held. It
// decides the order of the steps, what is undone and when, who may carry an attempt out, and what a repeated request
// is answered. It asks cart, inventory, payments and orders by idempotent calls under the attempt's reference, and
// knows nothing of SQL or HTTP.
package completing

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// Time that one run may take: for the steps, and then for undoing them or writing the end. Together they are no more than
// the server gives a request.
const (
	forwardTime = 7 * time.Second
	endingTime  = 3 * time.Second
)

// ErrLeaseLost answers a write by somebody whose lease another one has taken over; nothing was written.
var ErrLeaseLost = errors.New("the lease on the checkout was lost")

type carts interface {
	Check(ctx context.Context, req cart.CheckRequest) (cart.State, error)
	Quote(ctx context.Context, req cart.QuoteRequest) (cart.Snapshot, error)
	Freeze(ctx context.Context, req cart.FreezeRequest) (cart.Snapshot, error)
	Thaw(ctx context.Context, req cart.ThawRequest) (cart.ThawAnswer, error)
}

type stock interface {
	Availability(ctx context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error)
	Reserve(ctx context.Context, req inventory.ReserveRequest) (inventory.ReserveAnswer, error)
	Extend(ctx context.Context, req inventory.ExtendRequest) (inventory.ExtendAnswer, error)
	Release(ctx context.Context, req inventory.ReleaseRequest) (inventory.ReleaseAnswer, error)
}

type payer interface {
	Methods(ctx context.Context, req payments.MethodsRequest) (payments.MethodsAnswer, error)
	Authorize(ctx context.Context, req payments.AuthorizeRequest) (payments.Attempt, error)
	Void(ctx context.Context, req payments.VoidRequest) (payments.Attempt, error)
	Attempt(ctx context.Context, req payments.AttemptRequest) (payments.Attempt, error)
}

type orderBook interface {
	Place(ctx context.Context, req orders.PlaceRequest) (orders.Placed, error)
	Close(ctx context.Context, req orders.CloseRequest) (orders.CloseAnswer, error)
	ByReference(ctx context.Context, req orders.ByReferenceRequest) (orders.Placed, error)
}

// Store keeps attempts. Each method is one statement; no method waits for another module.
type Store interface {
	// Find answers the attempt that this key made; without one, the attempt of this cart that is not canceled.
	Find(ctx context.Context, scope, key, cartID string) (a attempt.Attempt, found bool, err error)
	// Load answers an attempt by its id. Errors: checkout.ErrNotFound.
	Load(ctx context.Context, id string) (attempt.Attempt, error)
	// Begin writes a new attempt and takes its lease. It does nothing when the key or the cart has one already.
	Begin(ctx context.Context, draft attempt.Attempt, life time.Duration) (a attempt.Attempt, begun bool, err error)
	// Take takes the lease of an attempt that has not ended and that nobody else holds.
	Take(ctx context.Context, id string) (a attempt.Attempt, taken bool, err error)
	// TakeUp is Take for an attempt that was left to a person, or that is being undone.
	TakeUp(ctx context.Context, id string) (a attempt.Attempt, taken bool, err error)
	// Claim takes the lease of an attempt that is due because nobody has worked on it for a while, and counts the try.
	Claim(ctx context.Context) (a attempt.Attempt, claimed bool, err error)
	// Live answers the ids of those of the references that have not ended.
	Live(ctx context.Context, references []string) (ids []string, err error)
	// Renew lets the lease begin anew. Errors: ErrLeaseLost.
	Renew(ctx context.Context, a attempt.Attempt) error
	// Save writes what verbs changed, and renews the lease or, where the attempt waits or has ended, gives it back.
	// Errors: ErrLeaseLost.
	Save(ctx context.Context, a attempt.Attempt) error
	// LetGo gives the lease back, so that a retry need not wait for its end. Recovery comes back after a pause that grows.
	// Errors: ErrLeaseLost.
	LetGo(ctx context.Context, a attempt.Attempt) error
	// Forget drops up to limit keys and answers whose time is over, and tells how many.
	Forget(ctx context.Context, limit int) (int, error)
	// List answers attempts from new to old: those before an id, of a status; empty means all.
	List(ctx context.Context, status, before string, limit int) ([]Listed, error)
	// Entry answers one of them. Errors: checkout.ErrNotFound.
	Entry(ctx context.Context, id string) (Listed, error)
	// Count answers how many attempts have a status; empty means all.
	Count(ctx context.Context, status string) (int64, error)
}

// Ports are what the use cases work with.
type Ports struct {
	Store    Store
	Carts    carts
	Stock    stock
	Payments payer
	Orders   orderBook
	Tokens   *tokens.Keyring
	NewID    func() string
	Log      *slog.Logger
}

// Checkouts is the use cases.
type Checkouts struct {
	Ports
	// offers are the payment methods of places, remembered for a moment: they hardly ever change, and whoever pays by one that
	// is gone is refused by payments.
	offers *otter.Cache[payments.MethodsRequest, []payments.Method]
}

const (
	offersLife = 5 * time.Second
	mostOffers = 10_000
)

// New makes the use cases.
func New(ports Ports) *Checkouts {
	return &Checkouts{Ports: ports, offers: otter.Must(&otter.Options[payments.MethodsRequest, []payments.Method]{
		MaximumSize: mostOffers, ExpiryCalculator: otter.ExpiryWriting[payments.MethodsRequest, []payments.Method](offersLife)})}
}

// working is the context of the steps. It outlives a client that hangs up: what is begun is carried to an end. It ends
// early enough before the server's own deadline that undoing still fits.
func working(ctx context.Context) (context.Context, context.CancelFunc) {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), forwardTime)
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return work, cancel
	}
	bound, release := context.WithDeadline(work, deadline.Add(-endingTime))
	return bound, func() { release(); cancel() }
}

// ending is the context of undoing and of writing the end, which have their own time however late the steps were.
func ending(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), endingTime)
}
