package problem_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

func ExampleWrite() {
	ErrNoSuchCart := fault.New("not_found", "There is no such cart.")
	handler := func(w http.ResponseWriter, r *http.Request) {
		problem.Write(w, r, fmt.Errorf("read cart: %w", ErrNoSuchCart))
	}

	w := httptest.NewRecorder()
	handler(w, httptest.NewRequest(http.MethodGet, "/store/v1/carts/cart_1", nil))

	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 404 application/problem+json
}
