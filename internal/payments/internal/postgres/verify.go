package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// Verify looks for broken promises in the whole schema.
func (s Store) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return invariant.Check(ctx, s.q,
		invariant.Query{Name: "INV-M1", SQL: `
			SELECT format('ledger transaction %s is off by %s %s', t.id, sum(e.amount), e.currency)
			FROM payments.ledger_transactions t LEFT JOIN payments.ledger_entries e ON e.transaction_id = t.id
			GROUP BY t.id, e.currency HAVING sum(e.amount) IS DISTINCT FROM 0`},
		invariant.Query{Name: "INV-M2", SQL: `
			SELECT format('attempt %s took %s, its ledger says %s', a.reference, a.captured - a.refunded, coalesce(l.held, 0))
			FROM payments.attempts a
			LEFT JOIN (
				SELECT t.reference, sum(e.amount) AS held
				FROM payments.ledger_transactions t JOIN payments.ledger_entries e ON e.transaction_id = t.id
				WHERE e.account = 'provider' GROUP BY t.reference
			) l ON l.reference = a.reference
			WHERE coalesce(l.held, 0) <> a.captured - a.refunded`},
		invariant.Query{Name: "INV-M3", SQL: `
			SELECT format('attempt %s: totals differ from its movements', a.reference)
			FROM payments.attempts a
			LEFT JOIN LATERAL (
				SELECT coalesce(sum(m.amount) FILTER (WHERE m.kind = 'capture' AND m.done), 0) AS captured,
					coalesce(sum(m.amount) FILTER (WHERE m.kind = 'capture' AND NOT m.done AND m.refused_at IS NULL), 0) AS capturing,
					coalesce(sum(m.amount) FILTER (WHERE m.kind = 'refund' AND m.done), 0) AS refunded,
					coalesce(sum(m.amount) FILTER (WHERE m.kind = 'refund' AND NOT m.done AND m.refused_at IS NULL), 0) AS refunding
				FROM payments.movements m WHERE m.reference = a.reference
			) x ON true
			WHERE (a.captured, a.capturing, a.refunded, a.refunding) <> (x.captured, x.capturing, x.refunded, x.refunding)
				OR a.captured > a.authorized OR a.refunded > a.captured`},
		invariant.Query{Name: "INV-M6", SQL: `
			SELECT format('ledger transaction %s mixes currencies', t.id)
			FROM payments.ledger_transactions t
			JOIN payments.attempts a ON a.reference = t.reference
			JOIN payments.ledger_entries e ON e.transaction_id = t.id
			WHERE e.currency IS DISTINCT FROM a.currency`},
		invariant.Query{Name: "INV-M8", SQL: `
			SELECT format('reference %s has %s payment attempts', a.reference, count(*))
			FROM payments.attempts a GROUP BY a.reference HAVING count(*) > 1`},
		invariant.Query{Name: "INV-M9", SQL: `
			SELECT format('attempt %s was given up, and %s of its money has no home', a.reference, a.captured - a.refunded)
			FROM payments.attempts a
			WHERE (a.given_up_at IS NOT NULL OR a.status IN ('voided', 'declined', 'expired'))
				AND a.captured > a.refunded + a.refunding
				AND NOT EXISTS (SELECT FROM payments.reviews r WHERE r.reference = a.reference)
			UNION ALL
			SELECT format('attempt %s is undecided since %s, and nobody was told', a.reference, a.created_at)
			FROM payments.attempts a
			WHERE a.status IN ('submitted', 'unknown', 'action_required') AND a.created_at < now() - interval '26 hours'
				AND NOT EXISTS (SELECT FROM payments.reviews r WHERE r.reference = a.reference)
			UNION ALL
			SELECT format('event %s of %s waits since %s', e.event_id, e.provider, e.received_at)
			FROM payments.provider_events e WHERE e.handled_at IS NULL AND e.received_at < now() - interval '26 hours'`},
		invariant.Query{Name: "INV-E1", SQL: outbox.GapsSQL(outbox.Aggregate{Schema: "payments", Type: aggregate, Table: "attempts", ID: "reference"})},
	)
}
