// Command try-import imports product files into an empty shop, each of them twice, and then buys from it. It prints what
// the file itself counts, what both runs counted and what the admin API shows, and exits 1 when any of these differ or
// when stock does not go down by exactly what was sold. It knows the server by its commands and its HTTP API alone.
//
// Usage: try-import [-server bin/server] FILE...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	server := flag.String("server", filepath.Join("bin", "server"), "the server to try")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := try(ctx, *server, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "try-import:", err)
		stop()
		os.Exit(1)
	}
}

func try(ctx context.Context, server string, files []string) (err error) {
	if len(files) == 0 {
		return errors.New("name the files to import")
	}
	t, err := newTrial(server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.cleanUp()) }()
	var expected counts
	for _, file := range files {
		counted, err := t.importTwice(ctx, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		expected.add(counted)
	}
	key, err := t.command(ctx, "keys", "create", "--name", "try-import", "--role", "owner")
	if err != nil {
		return err
	}
	return t.serve(ctx, func(url string) error {
		shop := &client{url: url, key: key}
		if err := compareShop(ctx, shop, expected); err != nil {
			return err
		}
		return buy(ctx, shop)
	})
}

// importTwice imports a file two times and compares both runs with what the file itself counts.
func (t *trial) importTwice(ctx context.Context, file string) (counts, error) {
	expected, err := countFile(file)
	if err != nil {
		return counts{}, err
	}
	var runs [2]map[string]int
	for i := range runs {
		line, err := t.command(ctx, "import", "--format", "shopify", file)
		if err != nil {
			return counts{}, err
		}
		runs[i] = readSummary(line)
	}
	fmt.Printf("\n%s\n", filepath.Base(file))
	table := newTable("", "file", "first run", "second run")
	for _, wanted := range expected.list() {
		table.row(wanted.name, wanted.value, runs[0][wanted.summary], runs[1][wanted.summary])
	}
	for i, name := range []string{"created", "updated", "unchanged", "rows failed"} {
		first := []int{expected.products, 0, 0, 0}[i]
		second := []int{0, 0, expected.products, 0}[i]
		table.expect(name, []int{first, second}, runs[0][name], runs[1][name])
	}
	return expected, table.print()
}
