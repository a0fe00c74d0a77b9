// Command server is the whole of Rialto: the API server and the commands beside it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/sparselog"
)

type cli struct {
	app.Config

	Serve        serveCmd        `cmd:"" default:"1" help:"Run the API server (the default)."`
	Migrate      migrateCmd      `cmd:"" help:"Bring the database's tables up to date."`
	Demo         demoCmd         `cmd:"" help:"Load the demo shop, or put it back as it was."`
	Import       importCmd       `cmd:"" help:"Bring a file of products into the shop."`
	Keys         keysCmd         `cmd:"" help:"Create API keys."`
	Storefront   storefrontCmd   `cmd:"" help:"Rebuild what shoppers browse from its owners."`
	Verify       verifyCmd       `cmd:"" help:"Check everything the shop promises about its data."`
	Doctor       doctorCmd       `cmd:"" help:"Look at what a server needs, and say what is wrong and what to do about it."`
	Healthcheck  healthcheckCmd  `cmd:"" help:"Ask a running server whether it is ready."`
	FakeProvider fakeProviderCmd `cmd:"" help:"Run a payment provider for development and tests, which moves no money."`
	Version      versionCmd      `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ()); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args, environ []string) error {
	var commands cli
	parser, err := kong.New(&commands, kong.Name("server"), kong.UsageOnError(),
		kong.Description("Rialto, a headless commerce API server."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	if err := readEnvironment(parser, environ); err != nil {
		return err
	}
	if err := failpoint.Open(); err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	commands.Version.number = version()
	commands.ModuleDatabaseURLs = moduleSettings(environ, "_DATABASE_URL")
	commands.ModuleURLs = moduleSettings(environ, "_URL")
	commands.Log = slog.New(sparselog.New(slog.NewJSONHandler(os.Stderr, nil), time.Second, time.Now))
	slog.SetDefault(commands.Log)
	err = parsed.Run(ctx, commands.Config)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}
