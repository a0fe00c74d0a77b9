package pagination

import (
	"context"
	"net/http"
	"net/url"
)

type requestURL struct{}

// Remember is middleware that keeps the request's URL for Link, because generated handlers see only its parameters.
func Remember(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestURL{}, r.URL)))
	})
}

// Link returns the value of the Link header that leads to the next page of the request being served, or "" at the end.
func Link(ctx context.Context, cursor string) string {
	u, ok := ctx.Value(requestURL{}).(*url.URL)
	if !ok {
		return ""
	}
	return NextLink(*u, cursor)
}
