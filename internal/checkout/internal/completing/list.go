package completing

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// Listed is an attempt as staff see it in a list: without anything personal or secret.
type Listed struct {
	ID           string
	Reference    string
	Status       string
	CartID       string
	OrderID      string
	FailureCode  string
	ReviewReason string
	CreatedAt    time.Time
	UpdatedAt    time.Time
	// EndsAt is when the status has to be left; zero after the end.
	EndsAt time.Time
}

// Source is where a list of attempts of a status comes from; an empty status means all.
func (c *Checkouts) Source(status string) pagination.Source[Listed] {
	return pagination.Source[Listed]{
		Read: func(ctx context.Context, before string, limit int) ([]Listed, error) {
			return c.Store.List(ctx, status, before, limit)
		},
		Count: func(ctx context.Context) (int64, error) { return c.Store.Count(ctx, status) },
		ID:    func(l Listed) string { return l.ID },
	}
}
