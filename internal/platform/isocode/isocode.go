// Package isocode tells the codes of a standard from other pairs of letters. It knows no module, and not which countries
// anybody sells to.
package isocode

import (
	"sync"

	"github.com/go-playground/validator/v10"
)

var validate = sync.OnceValue(func() *validator.Validate { return validator.New() })

// IsCountry reports whether code is a country of ISO 3166-1 alpha-2, such as "DE".
func IsCountry(code string) bool { return validate().Var(code, "iso3166_1_alpha2") == nil }
