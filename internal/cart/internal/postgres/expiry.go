package postgres

import "context"

// Expire marks up to limit carts whose time is over, and answers how many. Carts that somebody works on are left for
// the next time.
func (s *Carts) Expire(ctx context.Context, limit int) (int64, error) {
	const query = `
		WITH due AS (
		    SELECT id FROM cart.carts
		    WHERE status = 'open' AND expires_at <= clock_timestamp()
		    ORDER BY expires_at
		    LIMIT $1
		    FOR UPDATE SKIP LOCKED
		)
		UPDATE cart.carts c
		SET status = 'expired', updated_at = now()
		FROM due
		WHERE c.id = due.id`

	n, err := s.db.Exec(ctx, query, limit)
	return n, wrap(err, "expire carts")
}

// Abandoned answers up to limit carts whose time is over and whose freeze has passed its end.
func (s *Carts) Abandoned(ctx context.Context, limit int) ([]string, error) {
	const query = `
		SELECT c.id
		FROM cart.carts c
		JOIN cart.freezes f ON f.cart_id = c.id AND f.state = 'active' AND f.until <= clock_timestamp()
		WHERE c.status = 'checking_out' AND c.expires_at <= clock_timestamp()
		ORDER BY c.expires_at
		LIMIT $1`

	var ids []string
	err := s.db.Select(ctx, &ids, query, limit)
	return ids, wrap(err, "find abandoned carts")
}
