// Package remotetest has calls cross HTTP within a test, as they do between two processes.
package remotetest

import (
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

// Caller serves the methods of a module on this machine, and calls them there.
func Caller(t testing.TB, module string, methods []remote.Method) *remote.Caller {
	t.Helper()
	tokens, err := remote.ParseTokens("a-token-that-only-this-test-knows")
	if err != nil {
		t.Fatal(err)
	}
	router := chi.NewRouter()
	router.Use(tokens.Admit)
	remote.Mount(router, module, methods)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	return remote.NewCaller(remote.Config{Module: module, URL: server.URL, Tokens: tokens})
}
