package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
)

const (
	// countedWarmUp visits make sure that every connection has met every statement; countedVisits are counted.
	countedWarmUp = 800
	countedVisits = 800
	// limitEach transactions of each pgbench client leave little of its statements' one preparation.
	limitEach = 500
)

// count counts through a proxy, with servers of its own, in runs whose speed does not matter.
func (l *lab) count(ctx context.Context, counted map[string]tally) (err error) {
	dir := filepath.Join(l.dir, "proxy")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	p, err := openProxy(dir, l.socketDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if counted[limitRow], err = l.countLimit(ctx, p, dir); err != nil {
		return err
	}
	dsn, err := elsewhere(l.postgres.DSN(), dir, "")
	if err != nil {
		return err
	}
	first, err := l.serve(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, first.stop()) }()
	if err := l.countRows(ctx, p, first.address, counted); err != nil {
		return err
	}
	second, err := l.serve(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, second.stop()) }()
	if counted[twoRow], err = l.countRow(ctx, p, atOnce(l.skus), first.address, second.address); err != nil {
		return err
	}
	return l.dividedDuring(ctx, dir, func(d division) error {
		counted[splitRow], err = l.countRow(ctx, p, atOnce(l.skus), d.app().address)
		return err
	})
}

func (l *lab) countLimit(ctx context.Context, p *proxy, dir string) (tally, error) {
	before, err := l.costs(ctx, p)
	if err != nil {
		return tally{}, err
	}
	if err := l.pgbench(ctx, dir, "--transactions="+strconv.Itoa(limitEach)); err != nil {
		return tally{}, err
	}
	after, err := l.costs(ctx, p)
	return per(clients*limitEach, before, after), err
}

func (l *lab) countRows(ctx context.Context, p *proxy, address string, counted map[string]tally) error {
	for _, row := range []struct {
		name  string
		habit func(*customer) shopper
	}{
		{atOnceRow, atOnce(l.skus)}, {sixCallsRow, inSixCalls(l.skus)}, {hotRow, oneOf(countedSKU)}, {soldOutRow, oneOf(soldOutSKU)},
	} {
		costs, err := l.countRow(ctx, p, row.habit, address)
		if err != nil {
			return fmt.Errorf("count %s: %w", row.name, err)
		}
		counted[row.name] = costs
	}
	return nil
}

// countRow counts what visits cost while the work behind them is held back.
func (l *lab) countRow(ctx context.Context, p *proxy, habit func(*customer) shopper, addresses ...string) (tally, error) {
	if _, err := l.visits(ctx, addresses, habit, times(countedWarmUp)); err != nil {
		return tally{}, err
	}
	if err := l.settle(ctx); err != nil {
		return tally{}, err
	}
	if err := l.each(ctx, books.holdBack); err != nil {
		return tally{}, err
	}
	costs, err := l.countHeldBack(ctx, p, habit, addresses)
	return costs, errors.Join(err, l.each(ctx, books.release), l.settle(ctx))
}

func (l *lab) countHeldBack(ctx context.Context, p *proxy, habit func(*customer) shopper, addresses []string) (tally, error) {
	// The first visits meet changed tables, so that their statements are planned anew.
	if _, err := l.visits(ctx, addresses, habit, times(clients)); err != nil {
		return tally{}, err
	}
	before, err := l.costs(ctx, p)
	if err != nil {
		return tally{}, err
	}
	visits, err := l.visits(ctx, addresses, habit, times(countedVisits))
	if err != nil {
		return tally{}, err
	}
	after, err := l.costs(ctx, p)
	if err != nil {
		return tally{}, err
	}
	return per(countedVisits, before, after), l.checkHeldBack(ctx, visits)
}

// checkHeldBack refuses a count that the background took part in: each order leaves at least one delivery.
func (l *lab) checkHeldBack(ctx context.Context, visits []visit) error {
	var ordered int64
	for _, v := range visits {
		if v.status == http.StatusCreated {
			ordered++
		}
	}
	var due int64
	err := l.each(ctx, func(b books, ctx context.Context) error {
		waiting, _, err := b.waiting(ctx)
		due += waiting
		return err
	})
	if err == nil && due < ordered {
		err = fmt.Errorf("%d orders left only %d deliveries: they were not held back", ordered, due)
	}
	return err
}

// costs is what everybody has cost the database so far.
func (l *lab) costs(ctx context.Context, p *proxy) (tally, error) {
	commits, err := l.books.transactions(ctx)
	return tally{commits: float64(commits), trips: float64(p.trips.Load())}, err
}

func per(n int, before, after tally) tally {
	return tally{commits: (after.commits - before.commits) / float64(n), trips: (after.trips - before.trips) / float64(n)}
}
