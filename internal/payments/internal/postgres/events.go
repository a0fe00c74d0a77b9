package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

// Receive stores an event that was signed rightly at sent, in seconds since 1970, unless it is stored already. It answers
// false, and stores nothing, when that is further than tolerance from the database's clock: that one is the same for all
// processes, however wrong their own are.
func (s Store) Receive(ctx context.Context, e paying.Event, sent int64, tolerance time.Duration) (bool, error) {
	const query = `
		WITH timely AS (
			SELECT abs(extract(epoch FROM now()) - $4::bigint) <= $5::float8 AS yes
		), stored AS (
			INSERT INTO payments.provider_events (provider, event_id, body, sent_at)
			SELECT $1, $2, $3, to_timestamp($4::bigint) FROM timely WHERE timely.yes
			ON CONFLICT (provider, event_id) DO NOTHING
		)
		SELECT yes FROM timely`
	var timely bool
	if err := s.q.Get(ctx, &timely, query, e.Provider, e.ID, e.Body, sent, tolerance.Seconds()); err != nil {
		return false, fmt.Errorf("store event: %w", err)
	}
	return timely, nil
}

// DueEvents implements paying.Backlog.
func (s Store) DueEvents(ctx context.Context, limit int, lease time.Duration) ([]paying.Event, error) {
	const query = `
		WITH due AS (
			SELECT provider, event_id FROM payments.provider_events WHERE handled_at IS NULL AND next_try_at <= now()
			ORDER BY next_try_at, received_at LIMIT $1 FOR UPDATE SKIP LOCKED
		)
		UPDATE payments.provider_events e SET next_try_at = now() + $2 * interval '1 second', tries = e.tries + 1
		FROM due WHERE (e.provider, e.event_id) = (due.provider, due.event_id)
		RETURNING e.provider, e.event_id, e.sent_at, e.body, e.tries, extract(epoch FROM now() - e.received_at)::float8 AS age`
	var rows []struct {
		Provider string    `db:"provider"`
		EventID  string    `db:"event_id"`
		SentAt   time.Time `db:"sent_at"`
		Body     []byte    `db:"body"`
		Tries    int       `db:"tries"`
		Age      float64   `db:"age"`
	}
	if err := s.q.Select(ctx, &rows, query, limit, lease.Seconds()); err != nil {
		return nil, fmt.Errorf("claim due events: %w", err)
	}
	events := make([]paying.Event, len(rows))
	for i, r := range rows {
		events[i] = paying.Event{Provider: r.Provider, ID: r.EventID, SentAt: r.SentAt.UTC(), Body: r.Body, Tries: r.Tries,
			Age: time.Duration(r.Age * float64(time.Second))}
	}
	return events, nil
}

// Named implements paying.Inbox. A provider's id that is known counts before a reference, so that a word that mixes the two
// up is found to differ.
func (s Store) Named(ctx context.Context, reference, providerRef string) (attempt.Attempt, error) {
	const query = `
		SELECT ` + columns + ` FROM payments.attempts a
		WHERE a.reference = $1 OR (a.provider_ref = $2 AND a.provider_ref <> '')
		ORDER BY a.provider_ref = $2 DESC LIMIT 1`
	return s.attempt(ctx, query, reference, providerRef)
}

// Conclude implements paying.Inbox.
func (s Store) Conclude(ctx context.Context, e paying.Event, outcome string) (bool, error) {
	const query = `
		UPDATE payments.provider_events SET handled_at = now(), outcome = $3
		WHERE provider = $1 AND event_id = $2 AND handled_at IS NULL`
	changed, err := s.q.Exec(ctx, query, e.Provider, e.ID, outcome)
	if err != nil {
		return false, fmt.Errorf("conclude event: %w", err)
	}
	return changed > 0, nil
}

// Postpone implements paying.Inbox.
func (s Store) Postpone(ctx context.Context, e paying.Event, wait time.Duration) error {
	const query = `
		UPDATE payments.provider_events SET next_try_at = now() + $3 * interval '1 second' * (0.9 + 0.2 * random())
		WHERE provider = $1 AND event_id = $2 AND handled_at IS NULL`
	if _, err := s.q.Exec(ctx, query, e.Provider, e.ID, wait.Seconds()); err != nil {
		return fmt.Errorf("postpone event: %w", err)
	}
	return nil
}

// ForgetEvents implements paying.Backlog.
func (s Store) ForgetEvents(ctx context.Context, age time.Duration) error {
	const query = `
		DELETE FROM payments.provider_events WHERE (provider, event_id) IN (
			SELECT provider, event_id FROM payments.provider_events WHERE handled_at < now() - $1 * interval '1 second' LIMIT 10000)`
	if _, err := s.q.Exec(ctx, query, age.Seconds()); err != nil {
		return fmt.Errorf("forget events: %w", err)
	}
	return nil
}
