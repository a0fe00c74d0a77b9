package isocode_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/isocode"
)

func TestOnlyCodesOfTheStandardAreCountries(t *testing.T) {
	for _, code := range []string{"DE", "GB", "US", "AQ"} {
		assert.True(t, isocode.IsCountry(code), code)
	}
	for _, code := range []string{"", "de", "UK", "XX", "ZZ", "DEU", "D", " DE"} {
		assert.False(t, isocode.IsCountry(code), code)
	}
}
