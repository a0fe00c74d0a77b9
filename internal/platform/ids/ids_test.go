package ids_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

const (
	sample        = "018f6b2e-7c4d-7a11-9c55-0123456789ab"
	encodedSample = "prod_01hxnjwz2df88srn814d2pf2db"
)

func anyUUID(t *rapid.T, label string) string {
	return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label)).String()
}

func TestEveryUUIDComesBackFromItsPublicForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := anyUUID(t, "id")

		public := ids.Encode("var", id)
		got, ok := ids.Decode("var", public)

		assert.True(t, ok)
		assert.Equal(t, id, got)
		assert.Len(t, public, len("var_")+26)
		assert.Equal(t, strings.ToLower(public), public)
	})
}

func TestPublicFormsSortAsTheirUUIDsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyUUID(t, "a"), anyUUID(t, "b")

		assert.Equal(t, cmp.Compare(a, b), cmp.Compare(ids.Encode("ord", a), ids.Encode("ord", b)))
	})
}

func TestWhatDecodesIsTheOnlyFormOfItsUUID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := "co_" + rapid.StringMatching(`[0-9a-zA-Z]{26}`).Draw(t, "text")

		if id, ok := ids.Decode("co", s); ok {
			assert.Equal(t, s, ids.Encode("co", id))
		}
	})
}

func TestEncodingIsTheNumberInBase32(t *testing.T) {
	assert.Equal(t, "x_00000000000000000000000000", ids.Encode("x", "00000000-0000-0000-0000-000000000000"))
	assert.Equal(t, "x_00000000000000000000000001", ids.Encode("x", "00000000-0000-0000-0000-000000000001"))
	assert.Equal(t, "x_0000000000000000000000000z", ids.Encode("x", "00000000-0000-0000-0000-00000000001f"))
	assert.Equal(t, "x_00000000000000000000000010", ids.Encode("x", "00000000-0000-0000-0000-000000000020"))
	assert.Equal(t, "x_7zzzzzzzzzzzzzzzzzzzzzzzzz", ids.Encode("x", "ffffffff-ffff-ffff-ffff-ffffffffffff"))
	assert.Equal(t, encodedSample, ids.Encode("prod", sample))
}

func TestDecodeRefuses(t *testing.T) {
	cases := map[string]string{
		"nothing":                     "",
		"the prefix alone":            "prod_",
		"another prefix":              "var_" + encodedSample[5:],
		"a longer prefix":             "x" + encodedSample,
		"no underscore":               "prod" + encodedSample[5:],
		"upper case":                  "prod_" + strings.ToUpper(encodedSample[5:]),
		"an upper case prefix":        "PROD_" + encodedSample[5:],
		"25 characters":               encodedSample[:len(encodedSample)-1],
		"27 characters":               encodedSample + "0",
		"more than 128 bits":          "prod_8" + encodedSample[6:],
		"a letter out of alphabet":    "prod_0i" + encodedSample[7:],
		"the look-alike o":            "prod_0o" + encodedSample[7:],
		"the look-alike l":            "prod_0l" + encodedSample[7:],
		"the letter u":                "prod_0u" + encodedSample[7:],
		"a space in front":            " " + encodedSample,
		"a line end behind":           encodedSample + "\n",
		"two bytes for one character": "prod_0é" + encodedSample[8:],
		"a bare UUID":                 sample,
		"a prefixed UUID":             "prod_" + sample,
	}
	for name, s := range cases {
		t.Run(name, func(t *testing.T) {
			id, ok := ids.Decode("prod", s)

			assert.False(t, ok)
			assert.Empty(t, id)
		})
	}
}

func TestEncodePanicsOnWhatIsNotAUUID(t *testing.T) {
	assert.Panics(t, func() { ids.Encode("prod", "") })
	assert.Panics(t, func() { ids.Encode("prod", encodedSample) })
}

func TestNewIsCanonicalVersion7AndAscends(t *testing.T) {
	made := make([]string, 1000)
	for i := range made {
		made[i] = ids.New()
	}

	assert.True(t, slices.IsSorted(made))
	assert.Len(t, slices.Compact(slices.Clone(made)), len(made))
	for _, id := range made {
		assert.True(t, ids.Valid(id))
		assert.Equal(t, byte('7'), id[14])
	}
}

func TestValidAcceptsTheCanonicalFormAlone(t *testing.T) {
	assert.True(t, ids.Valid(sample))
	for _, s := range []string{
		"", strings.ToUpper(sample), "{" + sample + "}", "urn:uuid:" + sample,
		strings.ReplaceAll(sample, "-", ""), sample + "0", sample[:35], "018f6b2e-7c4d-7a11-9c55-0123456789ag",
	} {
		assert.False(t, ids.Valid(s), "%q", s)
	}
}
