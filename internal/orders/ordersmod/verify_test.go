package ordersmod_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
)

func TestPlantedViolationsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		want       string
		statements []string
	}{
		"two orders of a checkout": {"INV-O1", []string{`ALTER TABLE orders.orders DROP CONSTRAINT orders_one_per_checkout`,
			`UPDATE orders.orders SET reference = 'co_1'`}},
		"two orders of a cart": {"INV-O1", []string{`DROP INDEX orders.orders_one_per_cart`,
			`UPDATE orders.orders SET cart_id = '00000000-0000-7000-8000-000000000001'`}},
		"a line of no order":    {"INV-O2", []string{`UPDATE orders.order_lines SET order_id = gen_random_uuid()`}},
		"a discount of no line": {"INV-M5", []string{`UPDATE orders.orders SET discount = discount + 1, total = total - 1`}},
		"a line without its price": {"INV-M5", []string{`ALTER TABLE orders.order_lines DROP CONSTRAINT order_lines_subtotal_adds_up`,
			`UPDATE orders.order_lines SET subtotal = subtotal + 1`}},
		"tax of no line":             {"INV-M5", []string{`UPDATE orders.orders SET tax = tax + 1`}},
		"more taken than authorized": {"INV-M3", []string{`UPDATE orders.orders SET captured = authorized + 1`}},
		"units nobody sent":          {"INV-C1 line counters", []string{`UPDATE orders.order_lines SET fulfilled = ordered`}},
		"units nobody claimed":       {"INV-C1 line counters", []string{`UPDATE orders.order_lines SET fulfilling = 1 WHERE fulfilled = 0`}},
		"money nobody gave back":     {"INV-C1 line counters", []string{`UPDATE orders.order_lines SET refunded_amount = 1`}},
		"units canceled alone":       {"INV-C1 line counters", []string{`UPDATE orders.order_lines SET canceled = 1 WHERE fulfilled = 0`}},
		"a payment status made up":   {"INV-C2 statuses", []string{`UPDATE orders.orders SET payment_status = 'paid'`}},
		"a status made up":           {"INV-C2 statuses", []string{`UPDATE orders.orders SET status = 'completed'`}},
		"goods that are not sent":    {"INV-C2 statuses", []string{`UPDATE orders.orders SET fulfillment_status = 'fulfilled'`}},
		"a change without its event": {"INV-E1", []string{`UPDATE orders.orders SET event_seq = event_seq + 1`}},
		"a hole in the events":       {"INV-E1", []string{`DELETE FROM orders.outbox_events WHERE seq = 2`}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			*s.violated = true
			o := s.place()
			s.place()
			created[httpapi.Capture](s, s.post(o.path+"/captures", "1", httpapi.CaptureCreate{Amount: eur(1000)}))
			created[httpapi.Fulfillment](s, s.post(o.path+"/fulfillments", "2", httpapi.FulfillmentCreate{Lines: o.lines(1)}))
			for _, statement := range c.statements {
				_, err := s.db.Admin().Exec(t.Context(), statement)
				require.NoError(t, err)
			}

			violations, err := s.module.Verify(context.Background())

			require.NoError(t, err)
			found := map[string]bool{}
			for _, violation := range violations {
				found[violation.Invariant] = true
			}
			require.Contains(t, found, c.want)
		})
	}
}
