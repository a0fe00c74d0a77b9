// Command bench measures how fast the shop turns requests into orders on this machine, against the least that
// PostgreSQL needs for an order here. It runs a private PostgreSQL that keeps its promises about the disk, the built
// server and its own shoppers, prints a table and writes it as JSON. README.md says how each figure is made.
//
// It knows the API and the tables of the outbox, whose deliveries it holds back to tell the work in a request from the
// work behind it, and nothing else of the shop.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// clients is how many shoppers there are at once.
const clients = 16

// settings are what can be chosen on the command line.
type settings struct {
	rounds  int
	length  time.Duration
	server  string
	outPath string
}

func main() {
	var s settings
	flag.IntVar(&s.rounds, "rounds", 3, "how often everything is measured; the median counts")
	flag.DurationVar(&s.length, "length", 6*time.Second, "how long one measurement takes")
	flag.StringVar(&s.server, "server", "", "the server binary to measure; built from this tree when empty")
	flag.StringVar(&s.outPath, "out", "bench/out/checkout.json", "where the figures are written")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	l, err := openLab(ctx, s)
	if err != nil {
		return err
	}
	figures, err := l.measure(ctx)
	err = errors.Join(err, l.close())
	if err != nil {
		return err
	}
	rows := figures.rows()
	misses := missed(rows, marks())
	fmt.Print(table(rows, figures))
	if err := writeJSON(s.outPath, rows); err != nil {
		return err
	}
	if len(misses) > 0 {
		return fmt.Errorf("%d of %d marks missed", len(misses), len(marks()))
	}
	return nil
}
