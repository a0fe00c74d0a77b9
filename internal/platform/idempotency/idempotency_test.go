package idempotency_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
)

func TestB17KeysThatAreRefused(t *testing.T) {
	for name, attempt := range map[string]struct {
		values []string
		want   error
	}{
		"missing":                  {nil, idempotency.ErrKeyRequired},
		"empty":                    {[]string{""}, idempotency.ErrInvalidKey},
		"blank":                    {[]string{"  "}, idempotency.ErrInvalidKey},
		"quoted and empty":         {[]string{`""`}, idempotency.ErrInvalidKey},
		"one quotation mark":       {[]string{`"`}, idempotency.ErrInvalidKey},
		"unclosed":                 {[]string{`"abc`}, idempotency.ErrInvalidKey},
		"300 characters":           {[]string{strings.Repeat("k", 300)}, idempotency.ErrInvalidKey},
		"256 characters":           {[]string{strings.Repeat("k", 256)}, idempotency.ErrInvalidKey},
		"256 quoted characters":    {[]string{`"` + strings.Repeat("k", 256) + `"`}, idempotency.ErrInvalidKey},
		"a control character":      {[]string{"a\x01b"}, idempotency.ErrInvalidKey},
		"a NUL":                    {[]string{"a\x00b"}, idempotency.ErrInvalidKey},
		"a tab inside":             {[]string{"a\tb"}, idempotency.ErrInvalidKey},
		"a space inside":           {[]string{"a b"}, idempotency.ErrInvalidKey},
		"DEL":                      {[]string{"a\x7fb"}, idempotency.ErrInvalidKey},
		"not ASCII":                {[]string{"clé"}, idempotency.ErrInvalidKey},
		"invalid UTF-8":            {[]string{"a\xffb"}, idempotency.ErrInvalidKey},
		"an escape":                {[]string{`"a\"b"`}, idempotency.ErrInvalidKey},
		"parameters":               {[]string{`"abc";a=1`}, idempotency.ErrInvalidKey},
		"two headers":              {[]string{"a", "b"}, idempotency.ErrInvalidKey},
		"two equal headers":        {[]string{"a", "a"}, idempotency.ErrInvalidKey},
		"two headers in one":       {[]string{"a, b"}, idempotency.ErrInvalidKey},
		"two equal ones in quotes": {[]string{`"a","a"`}, idempotency.ErrInvalidKey},
	} {
		key, err := idempotency.ParseKey(attempt.values)
		assert.ErrorIs(t, err, attempt.want, name)
		assert.Empty(t, key, name)
	}
}

func TestB17QuotedAndBareAreTheSameKey(t *testing.T) {
	for _, spelled := range []string{`abc-1`, `"abc-1"`, ` abc-1 `, "\t\"abc-1\""} {
		key, err := idempotency.ParseKey([]string{spelled})
		require.NoError(t, err)
		assert.Equal(t, "abc-1", key)
	}
}

func TestTheLongestKeyIsAccepted(t *testing.T) {
	long := strings.Repeat("k", 255)
	for _, spelled := range []string{long, `"` + long + `"`} {
		key, err := idempotency.ParseKey([]string{spelled})
		require.NoError(t, err)
		assert.Equal(t, long, key)
	}
}

func TestAParsedKeyParsesToItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spelled := rapid.StringMatching(`[ "]?[!-~]{0,20}[ "]?`).Draw(t, "header")
		key, err := idempotency.ParseKey([]string{spelled})
		if err != nil {
			return
		}
		again, err := idempotency.ParseKey([]string{key})
		require.NoError(t, err)
		assert.Equal(t, key, again)
	})
}

func TestRequestsThatAskForTheSameHaveOneHash(t *testing.T) {
	want := idempotency.Hash("POST", "/store/v1/checkouts", "a=1&b=2", []byte(`{"cart_id":"cart_1","email":"a@b.example","n":10}`))

	assert.Len(t, want, 64)
	for name, got := range map[string]string{
		"key order": idempotency.Hash("POST", "/store/v1/checkouts", "a=1&b=2",
			[]byte(`{"n":10,"email":"a@b.example","cart_id":"cart_1"}`)),
		"white space": idempotency.Hash("POST", "/store/v1/checkouts", "a=1&b=2",
			[]byte("\n{ \"cart_id\" : \"cart_1\",\t\"email\":\"a@b.example\", \"n\":10 }\n")),
		"escapes": idempotency.Hash("POST", "/store/v1/checkouts", "a=1&b=2",
			[]byte(`{"cart_id":"\u0063art_1","email":"a@b.example","n":10}`)),
		"query order": idempotency.Hash("POST", "/store/v1/checkouts", "b=2&a=1",
			[]byte(`{"cart_id":"cart_1","email":"a@b.example","n":10}`)),
	} {
		assert.Equal(t, want, got, name)
	}
}

func TestRequestsThatDifferHaveDifferentHashes(t *testing.T) {
	seen := map[string]string{}
	for name, hash := range map[string]string{
		"base":             idempotency.Hash("POST", "/a", "", []byte(`{"n":[1,2]}`)),
		"method":           idempotency.Hash("PUT", "/a", "", []byte(`{"n":[1,2]}`)),
		"path":             idempotency.Hash("POST", "/b", "", []byte(`{"n":[1,2]}`)),
		"query":            idempotency.Hash("POST", "/a", "x=1", []byte(`{"n":[1,2]}`)),
		"array order":      idempotency.Hash("POST", "/a", "", []byte(`{"n":[2,1]}`)),
		"string":           idempotency.Hash("POST", "/a", "", []byte(`{"n":["1","2"]}`)),
		"null":             idempotency.Hash("POST", "/a", "", []byte(`{"n":null}`)),
		"absent":           idempotency.Hash("POST", "/a", "", []byte(`{}`)),
		"no body":          idempotency.Hash("POST", "/a", "", nil),
		"trailing":         idempotency.Hash("POST", "/a", "", []byte(`{"n":[1,2]}{}`)),
		"large number":     idempotency.Hash("POST", "/a", "", []byte(`9007199254740993`)),
		"its neighbor":     idempotency.Hash("POST", "/a", "", []byte(`9007199254740992`)),
		"repeated query":   idempotency.Hash("POST", "/a", "x=1&x=2", nil),
		"turned":           idempotency.Hash("POST", "/a", "x=2&x=1", nil),
		"not a query":      idempotency.Hash("POST", "/a", "x=%zz", nil),
		"moved boundaries": idempotency.Hash("POST/", "a", "", []byte(`{"n":[1,2]}`)),
	} {
		assert.Empty(t, seen[hash], "%s equals %s", name, seen[hash])
		seen[hash] = name
	}
}
