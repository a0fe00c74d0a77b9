package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/strictjson"
)

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestB02TextThatIsNotStrictJSONIsRefused(t *testing.T) {
	for name, attempt := range map[string]struct {
		text string
		want error
	}{
		"empty":                      {"", strictjson.ErrInvalid},
		"blank":                      {" \n", strictjson.ErrInvalid},
		"cut off":                    {`{"a":1`, strictjson.ErrInvalid},
		"single quotes":              {`{'a':1}`, strictjson.ErrInvalid},
		"bare name":                  {`{a:1}`, strictjson.ErrInvalid},
		"trailing comma":             {`{"a":1,}`, strictjson.ErrInvalid},
		"trailing comma in array":    {`[1,]`, strictjson.ErrInvalid},
		"missing comma":              {`[1 2]`, strictjson.ErrInvalid},
		"missing colon":              {`{"a" 1}`, strictjson.ErrInvalid},
		"crossed brackets":           {`{"a":[1}]`, strictjson.ErrInvalid},
		"NaN":                        {`{"a":NaN}`, strictjson.ErrInvalid},
		"Infinity":                   {`-Infinity`, strictjson.ErrInvalid},
		"line comment":               {"// x\n{}", strictjson.ErrInvalid},
		"comment inside":             {`{"a":/* x */1}`, strictjson.ErrInvalid},
		"byte order mark":            {"\xEF\xBB\xBF{}", strictjson.ErrInvalid},
		"UTF-16":                     {"\xFF\xFE{\x00}\x00", strictjson.ErrInvalid},
		"UTF-16 without mark":        {"{\x00}\x00", strictjson.ErrInvalid},
		"Latin-1":                    {"\"caf\xe9\"", strictjson.ErrInvalid},
		"invalid UTF-8 in a name":    {"{\"\xff\":1}", strictjson.ErrInvalid},
		"encoded surrogate":          {"\"\xed\xa0\x80\"", strictjson.ErrInvalid},
		"lone high surrogate":        {`"\ud800"`, strictjson.ErrInvalid},
		"lone low surrogate":         {`"\udc00"`, strictjson.ErrInvalid},
		"turned surrogates":          {`"\udc00\ud800"`, strictjson.ErrInvalid},
		"two high surrogates":        {`"\uD800\uD800"`, strictjson.ErrInvalid},
		"high surrogate, then text":  {`"\ud83dx"`, strictjson.ErrInvalid},
		"surrogate in a name":        {`{"\ud800":1}`, strictjson.ErrInvalid},
		"raw control character":      {"\"a\x01b\"", strictjson.ErrInvalid},
		"raw line break":             {"\"a\nb\"", strictjson.ErrInvalid},
		"raw NUL":                    {"\"a\x00b\"", strictjson.ErrInvalid},
		"unknown escape":             {`"\x41"`, strictjson.ErrInvalid},
		"short escape":               {`"\u12"`, strictjson.ErrInvalid},
		"leading plus":               {`+1`, strictjson.ErrInvalid},
		"leading point":              {`.5`, strictjson.ErrInvalid},
		"hexadecimal":                {`{"a":0x1}`, strictjson.ErrInvalid},
		"leading zero":               {`{"a":01}`, strictjson.ErrInvalid},
		"no-break space around":      {"\u00a0{}", strictjson.ErrInvalid},
		"depth 65":                   {nested(65), strictjson.ErrInvalid},
		"depth 10,000":               {nested(10_000), strictjson.ErrInvalid},
		"depth 100,000":              {nested(100_000), strictjson.ErrInvalid},
		"depth in objects":           {strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), strictjson.ErrInvalid},
		"unclosed depth":             {strings.Repeat("[", 100_000), strictjson.ErrInvalid},
		"a second value":             {`{} {}`, strictjson.ErrTrailing},
		"a brace too many":           {`{}}`, strictjson.ErrTrailing},
		"text after":                 {"{}\nx", strictjson.ErrTrailing},
		"NUL after":                  {"{}\x00", strictjson.ErrTrailing},
		"no-break space after":       {"{}\u00a0", strictjson.ErrTrailing},
		"comment after":              {"{} // x", strictjson.ErrTrailing},
		"duplicate":                  {`{"a":1,"a":1}`, strictjson.ErrDuplicate},
		"duplicate by escape":        {`{"a":1,"\u0061":1}`, strictjson.ErrDuplicate},
		"duplicate null":             {`{"a":null,"a":1}`, strictjson.ErrDuplicate},
		"empty name twice":           {`{"":1,"":1}`, strictjson.ErrDuplicate},
		"duplicate below":            {`[{"a":{"b":1,"c":2,"b":3}}]`, strictjson.ErrDuplicate},
		"NUL by escape":              {`{"a":"x\u0000y"}`, strictjson.ErrInvalid},
		"NUL by escape in a name":    {`{"a\u0000":1}`, strictjson.ErrInvalid},
		"NUL by escape on the top":   {`"\u0000"`, strictjson.ErrInvalid},
		"backslash before an escape": {`"\\\ud800"`, strictjson.ErrInvalid},
	} {
		_, err := strictjson.Parse([]byte(attempt.text))
		assert.ErrorIs(t, err, attempt.want, name)
	}
}

func TestGoodJSONIsRead(t *testing.T) {
	for text, want := range map[string]any{
		` null `:                        nil,
		`true`:                          true,
		`-0`:                            json.Number("-0"),
		`1e3`:                           json.Number("1e3"),
		`9007199254740993`:              json.Number("9007199254740993"),
		`1` + strings.Repeat("0", 400):  json.Number("1" + strings.Repeat("0", 400)),
		`""`:                            "",
		`"\ud83d\ude00"`:                "😀",
		`"\uD83D\uDE00\u00e9"`:          "😀é",
		`"\\ud800 \\u0000"`:             `\ud800 \u0000`,
		`"\ufffd` + "\ufffd" + `"`:      "\ufffd\ufffd",
		"\t[ ]\r\n":                     []any{},
		`{"a":{"a":[{"a":1},{"a":2}]}}`: map[string]any{"a": map[string]any{"a": []any{map[string]any{"a": json.Number("1")}, map[string]any{"a": json.Number("2")}}}},
		`{"a":1,"A":2,"á":3}`:           map[string]any{"a": json.Number("1"), "A": json.Number("2"), "á": json.Number("3")},
	} {
		got, err := strictjson.Parse([]byte(text))
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	_, err := strictjson.Parse([]byte(nested(64)))
	require.NoError(t, err)
}

func TestAnErrorPointsAtItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		`{"lines":[{},{"sku":1,"sku":2}]}`:     "/lines/1/sku",
		`{"a/b":{"~":"\u0000"}}`:               "/a~1b/~0",
		`{"x":[["",{"k":1}],["","\u0000"]]}`:   "/x/1/1",
		`{"a":{"b":1},"c":{"b\u0000":"text"}}`: "/c",
	} {
		_, err := strictjson.Parse([]byte(text))
		var f *fault.Error
		require.ErrorAs(t, err, &f, text)
		require.Len(t, f.Fields, 1, text)
		assert.Equal(t, want, f.Fields[0].Pointer)
		assert.Equal(t, f.Code, f.Fields[0].Code)
	}
}

func TestAnErrorDoesNotRepeatAMegabyteOfName(t *testing.T) {
	name := strings.Repeat("é", 500_000)

	_, err := strictjson.Parse([]byte(`{"` + name + `":1,"` + name + `":2}`))

	var f *fault.Error
	require.ErrorAs(t, err, &f)
	assert.Less(t, len(f.Fields[0].Pointer), 1000)
	assert.True(t, utf8.ValidString(f.Fields[0].Pointer))
}

func TestPointersAreWrittenAsRFC6901(t *testing.T) {
	assert.Equal(t, "", strictjson.Pointer())
	assert.Equal(t, "/", strictjson.Pointer(""))
	assert.Equal(t, "/lines/0/a~1b~0c", strictjson.Pointer("lines", "0", "a/b~c"))
}

func jsonValue() *rapid.Generator[any] {
	return rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(
			rapid.Just[any](nil),
			rapid.Bool().AsAny(),
			rapid.Map(rapid.Int64(), func(n int64) any { return n }),
			rapid.Map(rapid.Float64(), func(n float64) any { return n }),
			rapid.Map(rapid.StringMatching(`[a-z\x{1}-\x{1f}"\\<é😀]{0,8}`), func(s string) any { return s }),
			rapid.Map(rapid.SliceOfN(jsonValue(), 0, 3), func(v []any) any { return v }),
			rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-c~/]{0,3}`), jsonValue(), 0, 3), func(v map[string]any) any { return v }),
		)
	})
}

func TestWhateverGoWritesIsReadAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(jsonValue().Draw(t, "value"))
		require.NoError(t, err)

		got, err := strictjson.Parse(text)

		require.NoError(t, err)
		again, err := json.Marshal(got)
		require.NoError(t, err)
		assert.JSONEq(t, string(text), string(again))
	})
}

// Whatever bytes arrive, an accepted text is one that encoding/json accepts and reads alike, and a
// refusal carries a code.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"\ud83d\ude00"]}`, `{"a":1,"a":2}`, `"\ud800"`, nested(65), `{} x`, "\xff", `"\`, `\ud800`, `\u`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := strictjson.Parse(data)
		var coded *fault.Error
		if err != nil {
			require.True(t, errors.As(err, &coded), err)
			return
		}
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var want any
		require.NoError(t, dec.Decode(&want))
		assert.Equal(t, want, got)
	})
}
