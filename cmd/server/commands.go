package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/integrations"
)

// garbage is how much may gather before it is collected, in percent of what is in use. That is little, some tens of
// megabytes, so that the default has a busy server collect all the time. A process that only has modules uses less, and its
// machine may have many such.
const garbage, garbageOfModules = 400, 200

type serveCmd struct{}

func (serveCmd) Run(ctx context.Context, cfg app.Config) error {
	percent := garbage
	if len(cfg.Modules) > 0 {
		percent = garbageOfModules
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	return app.Serve(ctx, cfg, os.Stdout)
}

type migrateCmd struct {
	Up    migrateUpCmd    `cmd:"" default:"1" help:"Run what is missing (the default)."`
	Force migrateForceCmd `cmd:"" help:"Say which version a module's tables are at, after a failed migration was repaired by hand."`
}

type migrateUpCmd struct {
	Roles bool `help:"Create a database role per module that may touch only its own schema."`
}

func (c migrateUpCmd) Run(ctx context.Context, cfg app.Config) error {
	return app.WithDatabase(ctx, cfg, func(cfg app.Config) error { return app.Migrate(ctx, cfg, c.Roles) })
}

type migrateForceCmd struct {
	Module  string `arg:"" help:"Module, such as orders."`
	Version int    `arg:"" help:"Version its tables are at; -1 for none."`
}

func (c migrateForceCmd) Run(ctx context.Context, cfg app.Config) error {
	return app.WithDatabase(ctx, cfg, func(cfg app.Config) error { return app.ForceVersion(ctx, cfg, c.Module, c.Version) })
}

type demoCmd struct {
	Load  demoLoadCmd  `cmd:"" help:"Add the demo products to the shop."`
	Reset demoResetCmd `cmd:"" help:"Put the demo products, prices and stock back as they were; orders stay."`
}

type demoLoadCmd struct{}

func (demoLoadCmd) Run(ctx context.Context, cfg app.Config) error {
	return app.WithEvents(ctx, cfg, func(a *app.App) error { return a.LoadDemo(ctx) })
}

type demoResetCmd struct{}

func (demoResetCmd) Run(ctx context.Context, cfg app.Config) error {
	return app.WithEvents(ctx, cfg, func(a *app.App) error { return a.ResetDemo(ctx) })
}

type importCmd struct {
	Format string `required:"" enum:"shopify" help:"Format of the file: shopify (product CSV)."`
	DryRun bool   `help:"Check and count the file, and change nothing."`
	File   string `arg:"" type:"existingfile" help:"File to import."`
}

// progressEvery is how often a long import says how far it is.
const progressEvery = 5 * time.Second

func (c importCmd) Run(ctx context.Context, cfg app.Config) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return app.WithEvents(ctx, cfg, func(a *app.App) error {
		told := time.Now()
		done, err := a.Import(ctx, app.ImportRequest{Format: c.Format, DryRun: c.DryRun, File: file,
			Progress: func(i integrations.Import) {
				if time.Since(told) > progressEvery {
					told = time.Now()
					fmt.Fprintf(os.Stderr, "rows %d, products %d, rows failed %d\n", i.Summary.Rows, i.Summary.Products, i.Summary.Failed)
				}
			},
			Report: func(e integrations.RowError) { fmt.Fprintln(os.Stderr, describe(e)) }})
		if err != nil {
			return err
		}
		printSummary(done)
		return nil
	})
}

// describe names the column of a mistake where it is in one.
func describe(e integrations.RowError) string {
	if e.Column == "" {
		return fmt.Sprintf("row %d: %s (%s)", e.Row, e.Message, e.Code)
	}
	return fmt.Sprintf("row %d: %s: %s (%s)", e.Row, e.Column, e.Message, e.Code)
}

func printSummary(i integrations.Import) {
	s := i.Summary
	for _, column := range s.UnknownColumns {
		fmt.Fprintf(os.Stderr, "column %q is not known and was ignored\n", column)
	}
	if len(s.IgnoredColumns) > 0 {
		fmt.Fprintf(os.Stderr, "columns that are not taken over: %q\n", s.IgnoredColumns)
	}
	if i.DryRun {
		fmt.Fprintln(os.Stderr, "this was a dry run: nothing was changed")
	}
	fmt.Printf("rows %d, products %d (created %d, updated %d, unchanged %d), variants %d, prices %d, tracked %d, pictures %d, rows failed %d\n",
		s.Rows, s.Products, s.Created, s.Updated, s.Unchanged, s.Variants, s.Prices, s.Tracked, s.Pictures, s.Failed)
}

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Create a key and print its secret, once."`
}

type keysCreateCmd struct {
	Name string `required:"" help:"What the key is for."`
	Role string `required:"" enum:"owner,staff,read_only" help:"owner, staff or read_only."`
}

func (c keysCreateCmd) Run(ctx context.Context, cfg app.Config) error {
	return app.With(ctx, cfg, func(a *app.App) error {
		secret, err := a.CreateKey(ctx, c.Name, c.Role)
		if err != nil {
			return err
		}
		fmt.Println(secret)
		return nil
	})
}

type storefrontCmd struct {
	Rebuild storefrontRebuildCmd `cmd:"" help:"Refresh every product in every channel."`
}

type storefrontRebuildCmd struct{}

func (storefrontRebuildCmd) Run(ctx context.Context, cfg app.Config) error {
	return app.With(ctx, cfg, func(a *app.App) error { return a.RebuildStorefront(ctx) })
}

type verifyCmd struct{}

func (verifyCmd) Run(ctx context.Context, cfg app.Config) error {
	return app.With(ctx, cfg.WithDatabases(), func(a *app.App) error {
		violations, left, err := a.Verify(ctx)
		if err != nil {
			return err
		}
		for _, name := range left {
			fmt.Fprintf(os.Stderr, "not checked, because a module's database is not known (<MODULE>_DATABASE_URL): %s\n", name)
		}
		for _, v := range violations {
			fmt.Printf("%s: %s\n", v.Invariant, v.Detail)
		}
		if len(violations) > 0 {
			return fmt.Errorf("%d violations", len(violations))
		}
		if len(left) > 0 {
			fmt.Println("verified: every invariant that was checked holds")
			return nil
		}
		fmt.Println("verified: every invariant holds")
		return nil
	})
}

type doctorCmd struct{}

func (doctorCmd) Run(ctx context.Context, cfg app.Config) error {
	wrong := 0
	for _, f := range app.Examine(ctx, cfg) {
		if f.Wrong == "" {
			fmt.Println("ok    " + f.Thing)
			continue
		}
		wrong++
		fmt.Printf("WRONG %s: %s\n      next: %s\n", f.Thing, f.Wrong, f.Next)
	}
	if wrong > 0 {
		return fmt.Errorf("%d things are wrong", wrong)
	}
	return nil
}

type healthcheckCmd struct{}

const healthcheckTimeout = 3 * time.Second

func (healthcheckCmd) Run(ctx context.Context, cfg app.Config) error {
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, app.LocalURL(cfg.Addr)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", res.Status)
	}
	return nil
}

type versionCmd struct{ number string }

func (c versionCmd) Run() error {
	fmt.Println(c.number)
	return nil
}
