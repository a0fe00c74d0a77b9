// Package rates holds the rules and use cases of tax: which rate applies to an amount in a place, and what it makes
// of it. It knows nothing of SQL or HTTP.
package rates

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// Rate is a percentage for a class in a place. An empty region holds for the whole country; others are in upper case.
type Rate struct {
	ID                string
	Name              string
	Country           string
	Region            string
	TaxClass          string
	Percent           money.Percent
	AppliesToShipping bool
	CreatedAt         time.Time
}

// Filter narrows a list of rates; the zero value narrows nothing.
type Filter struct {
	Country string
	After   string
	Limit   int
}

// Store keeps rates.
type Store interface {
	// In answers the rates of a country, those of its regions among them.
	In(ctx context.Context, country string) ([]Rate, error)
	Find(ctx context.Context, id string) (Rate, error)
	List(ctx context.Context, filter Filter) ([]Rate, error)
	Count(ctx context.Context, filter Filter) (int64, error)
	// Insert answers tax.ErrRateTaken when the place and class have a rate.
	Insert(ctx context.Context, rate Rate) (Rate, error)
	// Upsert inserts, or changes the rate that the place and class have.
	Upsert(ctx context.Context, rate Rate) (Rate, error)
	Delete(ctx context.Context, id string) error
}

// Rates is the use cases. Store's own verbs are used as they are.
type Rates struct {
	Store
}

// New makes the use cases over a store.
func New(store Store) *Rates { return &Rates{Store: store} }

// Calculate implements tax.Service.
func (r *Rates) Calculate(ctx context.Context, req tax.CalculateRequest) (tax.CalculateAnswer, error) {
	answer := tax.CalculateAnswer{Lines: make([]tax.TaxedLine, len(req.Lines))}
	var known []Rate
	if req.Country != "" {
		var err error
		if known, err = r.In(ctx, req.Country); err != nil {
			return tax.CalculateAnswer{}, fmt.Errorf("calculate tax: %w", err)
		}
	}
	region := canonical(req.Region)
	for i, base := range req.Lines {
		taxes, err := apply(pick(known, region, base), base, req.Included)
		if err != nil {
			return tax.CalculateAnswer{}, fmt.Errorf("calculate tax of %s: %w", base.Ref, err)
		}
		answer.Lines[i] = tax.TaxedLine{Ref: base.Ref, Taxes: taxes}
	}
	return answer, nil
}

// SaveRate implements tax.Service.
func (r *Rates) SaveRate(ctx context.Context, req tax.SaveRateRequest) (tax.SaveRateAnswer, error) {
	rate, err := parse(req)
	if err != nil {
		return tax.SaveRateAnswer{}, err
	}
	saved, err := r.Upsert(ctx, rate)
	if err != nil {
		return tax.SaveRateAnswer{}, err
	}
	return tax.SaveRateAnswer{ID: saved.ID}, nil
}

// Create adds a rate for a place and class that has none.
// Errors: tax.ErrInvalidRate, tax.ErrUnsupportedCountry, tax.ErrRateTaken.
func (r *Rates) Create(ctx context.Context, req tax.SaveRateRequest) (Rate, error) {
	rate, err := parse(req)
	if err != nil {
		return Rate{}, err
	}
	return r.Insert(ctx, rate)
}

// pick answers the rate for an amount: the region's own before the country's.
func pick(known []Rate, region string, base tax.TaxBase) *Rate {
	class := cmp.Or(base.TaxClass, tax.ClassStandard)
	var found *Rate
	for i, rate := range known {
		if rate.TaxClass != class || class == tax.ClassExempt || (rate.Region != "" && rate.Region != region) {
			continue
		}
		if found == nil || rate.Region != "" {
			found = &known[i]
		}
	}
	if found != nil && base.Shipping && !found.AppliesToShipping {
		return nil
	}
	return found
}

func apply(rate *Rate, base tax.TaxBase, included bool) ([]tax.TaxLine, error) {
	if rate == nil {
		return []tax.TaxLine{}, nil
	}
	if included {
		return []tax.TaxLine{{Name: rate.Name, Rate: rate.Percent.String(), Amount: money.TaxIncluded(base.Amount, rate.Percent)}}, nil
	}
	amount, err := money.TaxOnTop(base.Amount, rate.Percent)
	if err != nil {
		return nil, err
	}
	return []tax.TaxLine{{Name: rate.Name, Rate: rate.Percent.String(), Amount: amount}}, nil
}
