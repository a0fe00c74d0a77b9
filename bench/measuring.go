package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Names of rows.
const (
	limitRow    = "limit"
	atOnceRow   = "all_at_once"
	sixCallsRow = "six_calls"
	hotRow      = "hot_sku"
	soldOutRow  = "sold_out"
	twoRow      = "two_processes"
	splitRow    = "split"
)

// warmUp is how long a server is used before it is measured.
const warmUp = 2 * time.Second

// tally is what one unit of a row's work costs the database: transactions that write, and round trips.
type tally struct{ commits, trips float64 }

// results are all measurements, by row: the paces of each round, the costs counted in requests, and the transactions per
// order in all, requests and background together, of each round.
type results struct {
	paces   map[string][]pace
	counted map[string]tally
	commits map[string][]float64
}

// measure takes all figures, round by round, so that a machine that gets slower slows all rows.
func (l *lab) measure(ctx context.Context) (results, error) {
	r := results{paces: map[string][]pace{}, counted: map[string]tally{}, commits: map[string][]float64{}}
	if err := l.prepare(ctx); err != nil {
		return r, err
	}
	for round := range l.settings.rounds {
		l.say("round %d of %d", round+1, l.settings.rounds)
		if err := l.measureRound(ctx, round, r); err != nil {
			return r, fmt.Errorf("round %d: %w", round+1, err)
		}
	}
	l.say("counting commits and round trips")
	return r, l.count(ctx, r.counted)
}

// prepare fills tables and memories with the first orders. A planner that knew empty tables would read them from end to
// end when they no longer are.
func (l *lab) prepare(ctx context.Context) error {
	if err := l.warm(ctx, l.server.address); err != nil {
		return err
	}
	if err := l.prepareApart(ctx); err != nil {
		return err
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	return l.each(ctx, books.analyze)
}

func (l *lab) warm(ctx context.Context, addresses ...string) error {
	for _, habit := range []func(*customer) shopper{atOnce(l.skus), inSixCalls(l.skus)} {
		if _, err := l.visits(ctx, addresses, habit, during(warmUp/2)); err != nil {
			return fmt.Errorf("warm up: %w", err)
		}
	}
	return nil
}

func (l *lab) measureRound(ctx context.Context, round int, r results) error {
	if err := l.books.checkpoint(ctx); err != nil {
		return err
	}
	limit, err := l.measureLimit(ctx)
	if err != nil {
		return err
	}
	r.paces[limitRow] = append(r.paces[limitRow], limit)
	if err := l.measureRow(ctx, atOnceRow, r, atOnce(l.skus), l.server.address); err != nil {
		return err
	}
	if err := l.measureTwo(ctx, r); err != nil {
		return err
	}
	if err := l.measureApart(ctx, r); err != nil {
		return err
	}
	if err := l.measureRow(ctx, sixCallsRow, r, inSixCalls(l.skus), l.server.address); err != nil {
		return err
	}
	return l.measureHot(ctx, hotSKU(round), r)
}

// measureRow loads the servers for the length of a measurement.
func (l *lab) measureRow(ctx context.Context, row string, r results, habit func(*customer) shopper, addresses ...string) error {
	before, err := l.begin(ctx)
	if err != nil {
		return err
	}
	visits, err := l.visits(ctx, addresses, habit, during(l.settings.length))
	if err != nil {
		return fmt.Errorf("%s: %w", row, err)
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	after, err := l.books.transactions(ctx)
	r.paces[row] = append(r.paces[row], paceOf(visits, 0))
	r.commits[row] = append(r.commits[row], float64(after-before)/float64(len(visits)))
	return err
}

// measureTwo spreads the load over two servers, the second of which lives only as long.
func (l *lab) measureTwo(ctx context.Context, r results) error {
	second, err := l.serve(ctx, l.postgres.DSN())
	if err != nil {
		return err
	}
	err = l.warm(ctx, second.address)
	if err == nil {
		err = l.measureRow(ctx, twoRow, r, atOnce(l.skus), l.server.address, second.address)
	}
	return errors.Join(err, second.stop())
}

// measureHot lets 10,000 buyers ask for 1,000 units. The time until the last unit is sold is one figure, what follows
// another.
func (l *lab) measureHot(ctx context.Context, sku string, r results) error {
	before, err := l.begin(ctx)
	if err != nil {
		return err
	}
	visits, err := l.visits(ctx, []string{l.server.address}, oneOf(sku), times(hotBuyers))
	if err != nil {
		return fmt.Errorf("%s: %w", hotRow, err)
	}
	sold, refused, last, err := splitHot(visits)
	if err != nil {
		return err
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	after, err := l.books.transactions(ctx)
	r.paces[hotRow] = append(r.paces[hotRow], paceOf(sold, 0))
	r.paces[soldOutRow] = append(r.paces[soldOutRow], paceOf(refused, last))
	r.commits[hotRow] = append(r.commits[hotRow], float64(after-before)/hotUnits)
	return err
}

// splitHot divides visits at the moment the last unit was sold. Refusals before it, while another buyer held the unit,
// belong to neither part.
func splitHot(visits []visit) (sold, refused []visit, last time.Duration, err error) {
	for _, v := range visits {
		if v.status == http.StatusCreated {
			sold, refused, last = append(sold, v), refused[:0], v.ended
			continue
		}
		refused = append(refused, v)
	}
	if len(sold) != hotUnits {
		err = fmt.Errorf("%d orders were answered for %d units", len(sold), hotUnits)
	}
	return sold, refused, last, err
}

// begin waits until nothing is left of what was before, and answers the number of transactions so far.
func (l *lab) begin(ctx context.Context) (int64, error) {
	if err := l.settle(ctx); err != nil {
		return 0, err
	}
	if err := l.books.checkpoint(ctx); err != nil {
		return 0, err
	}
	return l.books.transactions(ctx)
}

// visits lets a new party of shoppers in.
func (l *lab) visits(ctx context.Context, addresses []string, habit func(*customer) shopper, more func() bool) ([]visit, error) {
	shoppers, leave, err := party(addresses, &l.names, habit)
	if err != nil {
		return nil, err
	}
	defer leave()
	return load(ctx, shoppers, more)
}
