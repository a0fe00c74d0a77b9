// Package inbound carries the id of the request being served to code that has only a context: log lines
// and problem documents.
//
// It owns that context value, and the header that the id travels in. It knows neither who asks (package identity) nor what is
// asked for, and makes no ids.
package inbound

import "context"

// Header is the header that carries the id.
const Header = "X-Request-Id"

type key struct{}

// With returns a context that belongs to the request with this id.
func With(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, key{}, requestID)
}

// RequestID returns the id of the request being served, or "" outside of one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}
