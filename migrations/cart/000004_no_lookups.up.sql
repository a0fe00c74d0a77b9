-- Lines and freezes are written by the statement that writes their cart, and nobody ever removes a cart: there is nothing to look
-- up, and no cart to lock once more, for each of them. "server verify" counts those without a cart.
-- In the order in which carts are saved, for shops that sell meanwhile.
LOCK TABLE cart.carts, cart.cart_lines, cart.freezes IN ACCESS EXCLUSIVE MODE;
ALTER TABLE cart.cart_lines DROP CONSTRAINT cart_lines_cart_fkey;
ALTER TABLE cart.freezes DROP CONSTRAINT freezes_cart_fkey;
