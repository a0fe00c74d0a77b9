// Package etag turns the version of a resource into an entity tag and reads the tags that clients send back (RFC 9110,
// sections 8.8 and 13.1). It knows no resource.
package etag

import (
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Errors of Required and Optional.
var (
	ErrRequired = fault.New("precondition_required", "send If-Match with the ETag that was last read")
	ErrMismatch = fault.New("version_mismatch", "the resource has changed since it was read")
)

// Of answers the strong tag of a version: "7" in double quotes.
func Of(version int) string { return `"` + strconv.Itoa(version) + `"` }

// Required reads the version that an If-Match header demands.
// Errors: ErrRequired without a header, ErrMismatch for a tag that this server never gave, weak ones among them.
func Required(ifMatch string) (int, error) {
	if strings.TrimSpace(ifMatch) == "" {
		return 0, ErrRequired
	}
	return parse(ifMatch)
}

// Optional is Required where a missing header demands nothing: it then answers 0, which is no version.
// Errors: ErrMismatch.
func Optional(ifMatch string) (int, error) {
	if strings.TrimSpace(ifMatch) == "" {
		return 0, nil
	}
	return parse(ifMatch)
}

func parse(ifMatch string) (int, error) {
	digits, ok := strings.CutPrefix(strings.TrimSpace(ifMatch), `"`)
	if !ok || !strings.HasSuffix(digits, `"`) {
		return 0, ErrMismatch
	}
	version, err := strconv.Atoi(strings.TrimSuffix(digits, `"`))
	if err != nil || version < 1 || Of(version) != `"`+digits {
		return 0, ErrMismatch
	}
	return version, nil
}

// NotModified says whether an If-None-Match header names the tag, comparing weakly as RFC 9110 asks for GET. The tag "*"
// names every tag.
func NotModified(ifNoneMatch, tag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(tag, "W/") && candidate != "" {
			return true
		}
	}
	return false
}
