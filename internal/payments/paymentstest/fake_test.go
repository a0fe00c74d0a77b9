package paymentstest_test

import (
	"testing"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/paymentstest"
)

func TestTheFakeKeepsTheContract(t *testing.T) {
	paymentstest.RunContract(t, func(*testing.T) payments.Service { return paymentstest.NewFake() })
}
