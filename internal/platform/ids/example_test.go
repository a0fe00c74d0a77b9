package ids_test

import (
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func Example() {
	public := ids.Encode("prod", "018f6b2e-7c4d-7a11-9c55-0123456789ab")
	id, ok := ids.Decode("prod", public)
	_, asVariant := ids.Decode("var", public)

	fmt.Println(public)
	fmt.Println(id, ok)
	fmt.Println(asVariant)
	// Output:
	// prod_01hxnjwz2df88srn814d2pf2db
	// 018f6b2e-7c4d-7a11-9c55-0123456789ab true
	// false
}
