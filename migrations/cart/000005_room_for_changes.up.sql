-- A cart changes several times until it is ordered. With room beside it in its page, and none of its indexed columns changed, the
-- indexes are left alone. Pages that are full already stay as they are.
ALTER TABLE cart.carts SET (fillfactor = 50);
