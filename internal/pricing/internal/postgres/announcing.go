package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

const aggregate = "variant_prices"

// announce tells of each changed price. The variants' rows are locked by now.
func (s *Store) announce(ctx context.Context, tx *sqldb.Tx, changes []pricing.Price) error {
	if len(changes) == 0 {
		return nil
	}
	seq, err := raise(ctx, tx, variantIDs(changes))
	if err != nil {
		return err
	}
	records := make([]outbox.Record, len(changes))
	for i, p := range changes {
		seq[p.VariantID]++
		records[i] = outbox.Record{AggregateType: aggregate, AggregateID: p.VariantID, Seq: seq[p.VariantID],
			Event: pricing.PriceChanged{VariantID: p.VariantID, Currency: p.Amount.Currency()}}
	}
	return s.outbox.Append(ctx, tx, records...)
}

// raise counts an event for each mention of a variant, and answers how many each variant had before.
func raise(ctx context.Context, tx *sqldb.Tx, variantIDs []string) (map[string]int64, error) {
	const query = `UPDATE pricing.variants v SET event_seq = v.event_seq + c.count
FROM (SELECT id, count(*) FROM unnest($1::uuid[]) AS c (id) GROUP BY id) c WHERE v.variant_id = c.id
RETURNING v.variant_id, v.event_seq - c.count AS event_seq`
	var raised []struct {
		VariantID string `db:"variant_id"`
		EventSeq  int64  `db:"event_seq"`
	}
	if err := tx.Select(ctx, &raised, query, variantIDs); err != nil {
		return nil, err
	}
	seq := make(map[string]int64, len(raised))
	for _, r := range raised {
		seq[r.VariantID] = r.EventSeq
	}
	return seq, nil
}
