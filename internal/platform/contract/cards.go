package contract

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/strictjson"
)

// errCardData names the place and never the value: what it refuses must not reach an answer, a log or a table.
var errCardData = fault.New("card_data_not_allowed", "Card numbers and security codes must go to the payment provider only, never here.")

// guard has the bodies of an operation refused that hold card data, if refused says so.
func (op *operation) guard(refused func(Operation) bool) {
	if op.body == nil || refused == nil || !refused(op.Operation) {
		return
	}
	for _, m := range op.body.media {
		m.cards = true
	}
}

// refuseCards looks for card data in every name, text and number of a value, before anything else is said of it.
//
// A card number is 14 to 19 digits that pass the Luhn check and begin like the cards of a known scheme with that many
// digits; blanks, dashes and dots may divide them; a letter beside them, or a plus sign before at most 15 of them, makes
// them something else (an id, a phone number). Of other numbers of such a length that begin like a card, one in ten is
// refused too. Cards of 13 digits are not issued any more, and would be taken for barcodes and phone numbers.
//
// A security code is a value under a name such as "cvv", or 3 or 4 digits after such a word.
func refuseCards(value any) error {
	where := findCard(value, nil)
	if where == nil {
		return nil
	}
	return errCardData.With(fault.Field{Pointer: strictjson.Pointer(where...), Code: errCardData.Code, Detail: "looks like card data"})
}

// findCard answers where the first card data is, nil when there is none. The root is an empty path, not nil.
func findCard(value any, path []string) []string {
	switch value := value.(type) {
	case string:
		if hasCard(value) {
			return append([]string{}, path...)
		}
	case json.Number:
		if isCard(string(value)) {
			return append([]string{}, path...)
		}
	case []any:
		for i, item := range value {
			if found := findCard(item, append(path, strconv.Itoa(i))); found != nil {
				return found
			}
		}
	case map[string]any:
		return findCardMember(value, path)
	}
	return nil
}

func findCardMember(object map[string]any, path []string) []string {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if hasCard(name) {
			return append([]string{}, path...) // the name itself must not be repeated
		}
		if isCardName(name) && object[name] != nil {
			return append(slices.Clone(path), name)
		}
		if found := findCard(object[name], append(path, name)); found != nil {
			return found
		}
	}
	return nil
}

// isCardName reports whether a member of this name can only hold card data.
func isCardName(name string) bool {
	plain := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
	switch strings.TrimPrefix(strings.TrimPrefix(plain, "credit"), "card") {
	case "cvv", "cvv2", "cvc", "cvc2", "csc", "cvn", "cvvcode", "cvccode", "securitycode", "verificationcode", "verificationvalue":
		return plain != "verificationcode"
	}
	switch plain {
	case "cardnumber", "cardno", "cardnum", "creditcardnumber", "creditcard", "ccnumber", "ccnum", "debitcardnumber":
		return true
	}
	return false
}

// securityCode is a code after a word for it.
var securityCode = regexp.MustCompile(`(?i)\b(cvv2?|cvc2?|cvn|csc|card (?:security|verification) (?:code|value|number))\b[^\pL\pN]{0,5}(?:(?:code|is|no|number|ist|=)[^\pL\pN]{0,5})*[0-9]{3,4}\b`)

func hasCard(text string) bool {
	// Most texts have too few digits for anything; this keeps them cheap.
	const fewest = 3
	if digits(text) < fewest {
		return false
	}
	return securityCode.MatchString(text) || hasCardNumber(text)
}

func digits(text string) int {
	n := 0
	for _, c := range text {
		if _, ok := digit(c); ok {
			n++
		}
	}
	return n
}

// digit reads ASCII and full-width digits.
func digit(c rune) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return byte(c), true
	case c >= '０' && c <= '９':
		return byte('0' + c - '０'), true
	default:
		return 0, false
	}
}

// group is digits without anything between them, and what stands around them.
type group struct {
	digits        string
	before, after rune
	joined        bool // to the group before it, by nothing but dividers
}

// hasCardNumber tries every row of neighboring groups: behind a number an expiry date may follow, before it a count.
func hasCardNumber(text string) bool {
	groups := groupDigits(text)
	for first := range groups {
		number := ""
		for last := first; last < len(groups) && len(number) < longestCard; last++ {
			if last > first && !groups[last].joined {
				break
			}
			number += groups[last].digits
			if isCard(number) && !isOther(groups[first], groups[last], number) {
				return true
			}
		}
	}
	return false
}

// isOther tells ids, which have letters beside their digits, and phone numbers, which begin with a plus.
func isOther(first, last group, number string) bool {
	const longestPhone = 15
	return unicode.IsLetter(first.before) || unicode.IsLetter(last.after) || first.before == '+' && len(number) <= longestPhone
}

func groupDigits(text string) []group {
	var groups []group
	var open *group
	before, divided := rune(0), false
	for _, c := range text {
		d, isDigit := digit(c)
		switch {
		case isDigit && open == nil:
			groups = append(groups, group{digits: string(d), before: before, joined: divided})
			open = &groups[len(groups)-1]
		case isDigit:
			open.digits += string(d)
		case open != nil:
			open.after, open = c, nil
			divided = isDivider(c)
		default:
			divided = divided && isDivider(c)
		}
		before = c
	}
	return groups
}

func isDivider(c rune) bool {
	return unicode.IsSpace(c) || unicode.Is(unicode.Pd, c) || c == '.'
}

const (
	shortestCard = 14
	longestCard  = 19
)

// scheme is who issues cards: how they begin, from and to, and how many digits they may have.
type scheme struct {
	from, to string
	lengths  []int
}

func schemes() []scheme {
	long := []int{16, 17, 18, 19}
	return []scheme{
		{"4", "4", []int{16, 19}},     // Visa
		{"51", "55", []int{16}},       // Mastercard
		{"2221", "2720", []int{16}},   // Mastercard
		{"34", "34", []int{15}},       // American Express
		{"37", "37", []int{15}},       // American Express
		{"6011", "6011", long},        // Discover
		{"644", "659", long},          // Discover, RuPay
		{"81", "82", long},            // RuPay, UnionPay
		{"62", "62", long},            // UnionPay
		{"300", "305", []int{14, 16}}, // Diners Club
		{"3095", "3095", []int{14, 16}},
		{"36", "36", []int{14, 16, 19}},
		{"38", "39", []int{14, 16, 19}},
		{"3528", "3589", long}, // JCB
		{"5018", "5020", long}, // Maestro
		{"5038", "5038", long},
		{"5893", "5893", long},
		{"6304", "6304", long},
		{"6759", "6763", long},
		{"2200", "2204", long}, // Mir
	}
}

// isCard reports whether digits are a possible card number.
func isCard(number string) bool {
	if len(number) < shortestCard || len(number) > longestCard || !luhn(number) {
		return false
	}
	return slices.ContainsFunc(schemes(), func(s scheme) bool {
		prefix := number[:len(s.from)]
		return prefix >= s.from && prefix <= s.to && slices.Contains(s.lengths, len(number))
	})
}

// luhn checks the last digit of ISO/IEC 7812-1, annex B.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
