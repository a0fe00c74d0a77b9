package inventorytest_test

import (
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory/inventorytest"
)

func TestTheFakeKeepsTheContract(t *testing.T) {
	inventorytest.RunContract(t, func(testing.TB) inventorytest.Subject {
		fake := inventorytest.NewFake(time.Now)
		return inventorytest.Subject{Service: fake, Sweep: fake.Sweep}
	})
}
