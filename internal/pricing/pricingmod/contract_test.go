package pricingmod_test

import (
	"testing"

	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/pricing/pricingclient"
	"github.com/rialto-commerce/rialto/internal/pricing/pricingtest"
)

func TestTheModuleKeepsTheContract(t *testing.T) {
	service := remembering(t).service
	pricingtest.RunContract(t, func(testing.TB) pricing.Service { return service })
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	service := pricingclient.New(remotetest.Caller(t, "pricing", pricingclient.Methods(remembering(t).service)))
	pricingtest.RunContract(t, func(testing.TB) pricing.Service { return service })
}

// remembering is a shop that keeps prices in memory, as a server does.
func remembering(t *testing.T) *shop {
	t.Helper()
	s := open(t)
	periodictest.Run(t, s.module.Run)
	return s
}
