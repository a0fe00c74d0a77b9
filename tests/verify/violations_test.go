package verify_test

// The order that was placed last, and the one that was canceled.
const (
	lastOrder     = `(SELECT max(number) FROM orders.orders)`
	canceledOrder = `(SELECT reference FROM orders.orders WHERE status = 'canceled')`
)

// violations are found by the command.
func violations() []violation {
	return []violation{
		{name: "a counter that differs from its rows", invariant: "INV-S2",
			breaks: []string{`UPDATE inventory.stock_levels SET allocated = allocated + 1 WHERE sku = 'CUP'`},
			mends:  []string{`UPDATE inventory.stock_levels SET allocated = allocated - 1 WHERE sku = 'CUP'`}},
		{name: "a ledger that does not balance", invariant: "INV-M1",
			breaks: []string{
				`ALTER TABLE payments.ledger_entries DISABLE TRIGGER ledger_entries_append_only`,
				`UPDATE payments.ledger_entries SET amount = amount + 1 WHERE account = 'receivable'`},
			mends: []string{
				`UPDATE payments.ledger_entries SET amount = amount - 1 WHERE account = 'receivable'`,
				`ALTER TABLE payments.ledger_entries ENABLE TRIGGER ledger_entries_append_only`}},
		{name: "an order without its checkout", invariant: "INV-O2 order without completed checkout",
			breaks: []string{
				`CREATE TABLE kept.attempts AS SELECT a.* FROM checkout.attempts a JOIN orders.orders o ON o.reference = a.reference
					WHERE o.number = ` + lastOrder,
				`DELETE FROM checkout.attempts WHERE id IN (SELECT id FROM kept.attempts)`},
			mends: []string{
				`INSERT INTO checkout.attempts SELECT * FROM kept.attempts`,
				`DROP TABLE kept.attempts`}},
		{name: "a negative level", invariant: "INV-S1",
			breaks: []string{
				`ALTER TABLE inventory.stock_levels DROP CONSTRAINT stock_levels_not_oversold`,
				`ALTER TABLE inventory.stock_levels DROP CONSTRAINT stock_levels_on_hand_not_negative`,
				`UPDATE inventory.stock_levels SET on_hand = -1 - on_hand WHERE sku = 'CUP'`},
			mends: []string{
				`UPDATE inventory.stock_levels SET on_hand = -1 - on_hand WHERE sku = 'CUP'`,
				`ALTER TABLE inventory.stock_levels ADD CONSTRAINT stock_levels_on_hand_not_negative CHECK (on_hand >= 0)`,
				`ALTER TABLE inventory.stock_levels ADD CONSTRAINT stock_levels_not_oversold
					CHECK (on_hand + backorder_limit - reserved - allocated >= 0)`}},
		{name: "an event gap", invariant: "INV-E1",
			breaks: []string{
				`CREATE TABLE kept.events AS SELECT e.* FROM orders.outbox_events e JOIN orders.orders o ON o.id::text = e.aggregate_id
					WHERE e.seq = 2 AND o.event_seq > 2`,
				`DELETE FROM orders.outbox_events WHERE id IN (SELECT id FROM kept.events)`},
			mends: []string{
				`INSERT INTO orders.outbox_events SELECT * FROM kept.events`,
				`DROP TABLE kept.events`}},
		{name: "a total that differs from its lines", invariant: "INV-M5",
			breaks: []string{`UPDATE orders.orders SET subtotal = subtotal + 1, total = total + 1 WHERE number = ` + lastOrder},
			mends:  []string{`UPDATE orders.orders SET subtotal = subtotal - 1, total = total - 1 WHERE number = ` + lastOrder}},
	}
}

// violationsBetweenModules are found by who looks into several schemas.
func violationsBetweenModules() []violation {
	forgotten := []string{`UPDATE orders.orders SET reference = reference || '-' WHERE number = ` + lastOrder}
	remembered := []string{`UPDATE orders.orders SET reference = rtrim(reference, '-') WHERE number = ` + lastOrder}
	return []violation{
		{name: "a checkout without its order", invariant: "INV-O2 completed checkout without order", breaks: forgotten, mends: remembered},
		{name: "stock that is owed to no order", invariant: "INV-S5 owed and not sold",
			breaks: []string{`UPDATE orders.orders SET reference = reference || '-' WHERE number = '1001'`},
			mends:  []string{`UPDATE orders.orders SET reference = rtrim(reference, '-') WHERE number = '1001'`}},
		{name: "an order without its payment", invariant: "INV-M2 order without its payment", breaks: forgotten, mends: remembered},
		{name: "money without an order", invariant: "INV-M9 money without an order", breaks: forgotten, mends: remembered},
		{name: "a canceled checkout whose payment still holds money", invariant: "INV-M9 canceled and still authorized",
			breaks: []string{`UPDATE payments.attempts SET status = 'authorized' WHERE status = 'declined'`},
			mends: []string{`UPDATE payments.attempts SET status = 'declined'
				WHERE reference IN (SELECT reference FROM checkout.attempts WHERE status = 'canceled')`}},
		{name: "a checkout over another total", invariant: "INV-O3 order and checkout differ",
			breaks: []string{`UPDATE checkout.attempts SET total = total + 1 WHERE status = 'completed'`},
			mends:  []string{`UPDATE checkout.attempts SET total = total - 1 WHERE status = 'completed'`}},
		{name: "more owed than sold", invariant: "INV-S5 sold and not owed",
			breaks: []string{`UPDATE inventory.reservations SET quantity = quantity + 1 WHERE state = 'allocated'`},
			mends:  []string{`UPDATE inventory.reservations SET quantity = quantity - 1 WHERE state = 'allocated'`}},
		{name: "an order without its hold", invariant: "INV-S5 order without a hold",
			breaks: []string{
				`CREATE TABLE kept.holds AS SELECT * FROM inventory.holds WHERE state = 'confirmed'`,
				`DELETE FROM inventory.holds WHERE reference IN (SELECT reference FROM kept.holds)`},
			mends: []string{
				`INSERT INTO inventory.holds SELECT * FROM kept.holds`,
				`DROP TABLE kept.holds`}},
		{name: "a canceled order that still holds stock", invariant: "INV-S7 canceled and still held",
			breaks: []string{`UPDATE inventory.reservations SET state = 'allocated' WHERE reference = ` + canceledOrder},
			mends:  []string{`UPDATE inventory.reservations SET state = 'released' WHERE reference = ` + canceledOrder}},
		{name: "an order that was paid otherwise", invariant: "INV-M2 order and payment differ",
			breaks: []string{`UPDATE orders.orders SET captured = captured - 1 WHERE number = ` + lastOrder},
			mends:  []string{`UPDATE orders.orders SET captured = captured + 1 WHERE number = ` + lastOrder}},
		{name: "a cart that became another order", invariant: "INV-O1 cart and order differ",
			breaks: []string{`UPDATE cart.carts SET order_id = translate(order_id::text, '01', '10')::uuid`},
			mends:  []string{`UPDATE cart.carts SET order_id = translate(order_id::text, '01', '10')::uuid`}},
	}
}
