package storefront

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// ErrNotFound answers a product, category or collection that is not shown in the channel.
var ErrNotFound = fault.New("not_found", "there is no such thing in this channel")
