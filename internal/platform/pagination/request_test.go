package pagination_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

func TestTheLinkLeadsFromTheRequestBeingServed(t *testing.T) {
	var link string
	handler := pagination.Remember(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		link = pagination.Link(r.Context(), "next")
	}))

	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/store/v1/products?limit=2&cursor=old", nil))

	require.Equal(t, `</store/v1/products?cursor=next&limit=2>; rel="next"`, link)
}

func TestOutsideARequestThereIsNoLink(t *testing.T) {
	require.Empty(t, pagination.Link(context.Background(), "next"))
}
