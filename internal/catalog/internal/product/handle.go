package product

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MaxHandle is how many characters a handle has at most.
const MaxHandle = 255

// derivedHandle leaves room for a suffix behind a handle made from a title.
const derivedHandle = 200

var handleForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ValidHandle reports whether s may stand in a link: lower-case letters a-z and digits, with
// single dashes between them.
func ValidHandle(s string) bool {
	return len(s) <= MaxHandle && handleForm.MatchString(s)
}

// HandleFrom makes a handle of a title. Letters of Latin script lose their accents; what cannot be spelled in a-z and 0-9
// separates words. Where nothing is left it answers fallback.
func HandleFrom(title, fallback string) string {
	var words strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(title)) {
		spelled := spell(r)
		if spelled == "" {
			gap = gap || !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’'
			continue
		}
		if gap && words.Len() > 0 {
			words.WriteByte('-')
		}
		gap = false
		words.WriteString(spelled)
	}
	handle := words.String()
	if len(handle) > derivedHandle {
		handle = strings.TrimRight(handle[:derivedHandle], "-")
	}
	if handle == "" {
		return fallback
	}
	return handle
}

// FreeHandle answers base, or base with the lowest number from 2 that none of the taken handles has.
func FreeHandle(base string, taken []string) string {
	used := make(map[string]bool, len(taken))
	for _, handle := range taken {
		used[handle] = true
	}
	handle := base
	for n := 2; used[handle]; n++ {
		handle = base + "-" + strconv.Itoa(n)
	}
	return handle
}

// spell answers r in a-z and 0-9, or "" when it has no such spelling. Accents have been split off before.
func spell(r rune) string {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return string(r)
	case r == 'ß':
		return "ss"
	case r == 'æ':
		return "ae"
	case r == 'œ':
		return "oe"
	case r == 'ø':
		return "o"
	case r == 'đ', r == 'ð':
		return "d"
	case r == 'ł':
		return "l"
	case r == 'þ':
		return "th"
	case r == 'ı':
		return "i"
	}
	return ""
}
