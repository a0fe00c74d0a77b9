package postgres

import "github.com/rialto-commerce/rialto/internal/cart/internal/basket"

// Recent lets tests keep carts without storing them.
type Recent struct{ r *recent }

func NewRecent() Recent { return Recent{newRecent()} }

func (r Recent) Keep(c basket.Cart) { r.r.keep(c) }

func (r Recent) Find(id string) (basket.Cart, bool) { return r.r.find(id) }

func (r Recent) Len() int { return len(r.r.carts) }
