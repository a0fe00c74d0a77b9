-- The least that placing an order can cost in PostgreSQL: one transaction, one statement per table, stock in SKU order.
\set first random(1, 499)
\set second random(:first + 1, 500)
BEGIN;
INSERT INTO bench_orders (email, total, snapshot) VALUES ('ada@example.com', 4200, '{"channel": "web", "currency": "EUR", "locale": "en", "tax_included": true, "shipping": {"code": "standard", "name": "Standard delivery", "amount": 0, "tax": 0}, "shipping_address": {"first_name": "Ada", "last_name": "Lovelace", "line1": "Canal Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}, "billing_address": {"first_name": "Ada", "last_name": "Lovelace", "line1": "Canal Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}, "totals": {"subtotal": 4200, "discount": 0, "shipping": 0, "tax": 0, "total": 4200}, "payment": {"method": "manual", "authorized": 4200}}');
INSERT INTO bench_lines (order_id, position, sku, title, quantity, price) VALUES (currval('bench_orders_id_seq'), 1, :first, 'The first product', 1, 2100), (currval('bench_orders_id_seq'), 2, :second, 'The second product', 1, 2100);
UPDATE bench_stock SET available = available - 1 WHERE sku = :first AND available >= 1;
UPDATE bench_stock SET available = available - 1 WHERE sku = :second AND available >= 1;
INSERT INTO bench_outbox (name, order_id, payload) VALUES ('order_placed', currval('bench_orders_id_seq'), '{"number": "1001", "currency": "EUR", "total": 4200, "lines": [{"sku": "BENCH-0001", "quantity": 1}, {"sku": "BENCH-0002", "quantity": 1}], "capture_payment": false}');
COMMIT;
