// Package split runs shops whose modules are in processes of their own, and takes processes away.
package split

import (
	"testing"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// shoppers is how many people a crowd has.
const shoppers = 4

func TestMain(m *testing.M) { shop.Main(m) }
