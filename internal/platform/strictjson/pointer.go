package strictjson

import (
	"strings"
)

// maxPointer keeps an answer from repeating a name of a megabyte that a client sent, in bytes.
const maxPointer = 512

// Pointer returns the JSON pointer (RFC 6901) of a path of names and indexes; no step means the whole
// document. A very long one is cut short.
func Pointer(path ...string) string {
	var b strings.Builder
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	for _, step := range path {
		b.WriteByte('/')
		_, _ = escape.WriteString(&b, step)
	}
	if b.Len() <= maxPointer {
		return b.String()
	}
	return strings.ToValidUTF8(b.String()[:maxPointer], "") + "..."
}
