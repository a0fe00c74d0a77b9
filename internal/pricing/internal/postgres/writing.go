package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// place is where a price holds; one price is current in it.
type place struct{ variantID, currency, channelID, country string }

func placeOf(p pricing.Price) place {
	return place{p.VariantID, p.Amount.Currency(), p.ChannelID, p.Country}
}

// Replace implements quoting.Store. A price named twice takes the later amount.
func (s *Store) Replace(ctx context.Context, wanted []pricing.Price) (pricing.SetPricesAnswer, error) {
	var answer pricing.SetPricesAnswer
	defer s.watch.Changed(ctx)
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		current, err := lockVariants(ctx, tx, variantIDs(wanted))
		if err != nil {
			return err
		}
		changes := changed(wanted, current)
		if len(changes) > 0 {
			if err := s.supersede(ctx, tx, changes, current); err != nil {
				return err
			}
		}
		answer = pricing.SetPricesAnswer{Prices: make([]pricing.Price, len(wanted)), Changed: len(changes), ChangedVariants: variantIDs(changes)}
		for i, p := range wanted {
			answer.Prices[i] = current[placeOf(p)]
		}
		return s.announce(ctx, tx, changes)
	})
	if err != nil {
		return pricing.SetPricesAnswer{}, fmt.Errorf("set prices: %w", err)
	}
	return answer, nil
}

// lockVariants makes and locks the variants' rows in id order, so that two writers never wait for each other in a
// circle, and answers what is current behind the lock.
func lockVariants(ctx context.Context, tx *sqldb.Tx, variantIDs []string) (map[place]pricing.Price, error) {
	const lock = `INSERT INTO pricing.variants (variant_id)
SELECT DISTINCT v.id FROM unnest($1::uuid[]) AS v (id) ORDER BY v.id
ON CONFLICT (variant_id) DO UPDATE SET event_seq = variants.event_seq`
	if _, err := tx.Exec(ctx, lock, variantIDs); err != nil {
		return nil, err
	}
	const query = `SELECT id, variant_id, currency, amount, compare_at, channel_id, country, created_at
FROM pricing.prices WHERE variant_id = ANY ($1::uuid[]) AND superseded_at IS NULL`
	var rows []row
	if err := tx.Select(ctx, &rows, query, variantIDs); err != nil {
		return nil, err
	}
	list, err := prices(rows)
	if err != nil {
		return nil, err
	}
	current := make(map[place]pricing.Price, len(list))
	for _, p := range list {
		current[placeOf(p)] = p
	}
	return current, nil
}

// changed answers the wanted prices that are not current, one per place, in the order asked.
func changed(wanted []pricing.Price, current map[place]pricing.Price) []pricing.Price {
	last := map[place]int{}
	for i, p := range wanted {
		last[placeOf(p)] = i
	}
	var changes []pricing.Price
	for i, p := range wanted {
		now, exists := current[placeOf(p)]
		if last[placeOf(p)] == i && (!exists || now.Amount != p.Amount || !same(now.CompareAt, p.CompareAt)) {
			changes = append(changes, p)
		}
	}
	return changes
}

func same(a, b *money.Money) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// supersede ends what the changes replace and adds them, at one moment, so that history has neither a gap nor an
// overlap; and it keeps current true. Counting the ended rows makes PostgreSQL end them before it adds any, which the
// unique index asks for.
func (s *Store) supersede(ctx context.Context, tx *sqldb.Tx, changes []pricing.Price, current map[place]pricing.Price) error {
	const query = `WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS at),
ended AS (
	UPDATE pricing.prices p SET superseded_at = greatest(m.at, p.created_at) FROM moment m
	WHERE p.id = ANY ($1::uuid[]) RETURNING p.id
)
INSERT INTO pricing.prices (id, variant_id, currency, amount, compare_at, channel_id, country, created_at)
SELECT n.id, n.variant_id, n.currency, n.amount, nullif(n.compare_at, 0), n.channel_id, n.country, m.at
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[])
	AS n (id, variant_id, currency, amount, compare_at, channel_id, country), moment m, (SELECT count(*) FROM ended) AS done
RETURNING id, variant_id, currency, amount, compare_at, channel_id, country, created_at`
	ended, c := endedBy(changes, current), s.columns(changes)
	var rows []row
	err := tx.Select(ctx, &rows, query, ended, c.id, c.variantID, c.currency, c.amount, c.compareAt, c.channelID, c.country)
	if err != nil {
		return err
	}
	added, err := prices(rows)
	for _, p := range added {
		current[placeOf(p)] = p
	}
	return err
}

func endedBy(changes []pricing.Price, current map[place]pricing.Price) []string {
	ended := []string{}
	for _, p := range changes {
		if old, exists := current[placeOf(p)]; exists {
			ended = append(ended, old.ID)
		}
	}
	return ended
}

// columns make one statement of any number of rows. A compare-at price is above a price of at least 0, so 0 stands for
// none.
type columns struct {
	id, variantID, currency, channelID, country []string
	amount, compareAt                           []int64
}

func (s *Store) columns(changes []pricing.Price) columns {
	var c columns
	for _, p := range changes {
		var compareAt int64
		if p.CompareAt != nil {
			compareAt = p.CompareAt.Minor()
		}
		c.id = append(c.id, s.newID())
		c.variantID = append(c.variantID, p.VariantID)
		c.currency = append(c.currency, p.Amount.Currency())
		c.amount = append(c.amount, p.Amount.Minor())
		c.compareAt = append(c.compareAt, compareAt)
		c.channelID = append(c.channelID, p.ChannelID)
		c.country = append(c.country, p.Country)
	}
	return c
}

func variantIDs(list []pricing.Price) []string {
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.VariantID
	}
	return ids
}

// End implements quoting.Store. Like Replace it locks the variant before its prices, so that the two never wait for
// each other in a circle.
func (s *Store) End(ctx context.Context, id string) error {
	const lock = `SELECT v.variant_id FROM pricing.variants v JOIN pricing.prices p ON p.variant_id = v.variant_id
WHERE p.id = $1 FOR NO KEY UPDATE OF v`
	const end = `UPDATE pricing.prices SET superseded_at = greatest(clock_timestamp(), created_at)
WHERE id = $1 AND superseded_at IS NULL
RETURNING id, variant_id, currency, amount, compare_at, channel_id, country, created_at`
	defer s.watch.Changed(ctx)
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var variantID string
		if err := tx.Get(ctx, &variantID, lock, id); err != nil {
			return err
		}
		var r row
		if err := tx.Get(ctx, &r, end, id); err != nil {
			return err
		}
		ended, err := r.price()
		if err != nil {
			return err
		}
		return s.announce(ctx, tx, []pricing.Price{ended})
	})
	if errors.Is(err, sqldb.ErrNoRows) {
		return pricing.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("end price: %w", err)
	}
	return nil
}
