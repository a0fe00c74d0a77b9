package product

import (
	"maps"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

func invalid(at, detail string) fault.Field {
	return fault.Field{Pointer: at, Code: "invalid_value", Detail: detail}
}

func required(at, detail string) fault.Field {
	return fault.Field{Pointer: at, Code: "required", Detail: detail}
}

// refuse answers nil when there is nothing to refuse.
func refuse(faults []fault.Field) error {
	if len(faults) == 0 {
		return nil
	}
	return catalog.ErrInvalidProduct.With(faults...)
}

// pointer escapes a name for a JSON pointer (RFC 6901).
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func sortedKeys(m map[string]string) []string {
	return slices.Sorted(maps.Keys(m))
}
