package storefront

import "context"

// Service keeps the projection current. Every method may be repeated; the last state of the owners wins.
type Service interface {
	// RefreshProducts makes the documents and offers of products equal to what their owners say now.
	RefreshProducts(ctx context.Context, req RefreshProductsRequest) (RefreshAnswer, error)
	// RefreshPrices makes the offers of variants equal to what pricing says now.
	RefreshPrices(ctx context.Context, req RefreshPricesRequest) (RefreshAnswer, error)
	// RefreshAvailability makes the availability of SKUs equal to what inventory says now.
	RefreshAvailability(ctx context.Context, req RefreshAvailabilityRequest) (RefreshAnswer, error)
	// Rebuild refreshes every product, in every channel.
	Rebuild(ctx context.Context, req RebuildRequest) (RefreshAnswer, error)
}

// RefreshProductsRequest names products by internal id.
type RefreshProductsRequest struct {
	ProductIDs []string `json:"product_ids"`
}

// RefreshPricesRequest names variants by internal id.
type RefreshPricesRequest struct {
	VariantIDs []string `json:"variant_ids"`
}

// RefreshAvailabilityRequest names SKUs.
type RefreshAvailabilityRequest struct {
	SKUs []string `json:"skus"`
}

// RebuildRequest asks for everything.
type RebuildRequest struct{}

// RefreshAnswer counts the products touched.
type RefreshAnswer struct {
	Products int `json:"products"`
}
