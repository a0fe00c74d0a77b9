package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
)

// fakeProviderCmd needs no database and none of the server's settings, except that --addr is the same flag.
type fakeProviderCmd struct {
	Journal      string `required:"" help:"File that remembers everything; made when it is not there."`
	Key          string `required:"" help:"Key that a shop must show."`
	EventsURL    string `help:"Where events are sent, such as http://127.0.0.1:8080/hooks/v1/payments/fake."`
	EventsSecret string `help:"Secret that events are signed with: whsec_ and base64."`
	Account      string `default:"acct_test" help:"The merchant's account."`
}

// Run serves until ctx ends.
func (c fakeProviderCmd) Run(ctx context.Context, cfg app.Config) (err error) {
	if c.EventsURL != "" && c.EventsSecret == "" {
		return errors.New("--events-url needs --events-secret")
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	provider, err := fakeprovider.Open(fakeprovider.Config{Journal: c.Journal, Key: c.Key, EventsURL: c.EventsURL,
		EventsSecret: c.EventsSecret, Account: c.Account, BaseURL: address})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, provider.Close()) }()
	fmt.Println("listening on " + address)
	return provider.Serve(ctx, listener)
}
