package ordersmod_test

import (
	"testing"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/ordersclient"
	"github.com/rialto-commerce/rialto/internal/orders/orderstest"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
)

func TestTheModuleKeepsTheContract(t *testing.T) {
	service := open(t).module.Service()
	orderstest.RunContract(t, func(testing.TB) orders.Service { return service })
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	service := ordersclient.New(remotetest.Caller(t, "orders", ordersclient.Methods(open(t).module.Service())))
	orderstest.RunContract(t, func(testing.TB) orders.Service { return service })
}
