package etag_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/etag"
)

func TestAVersionComesBackFromItsTag(t *testing.T) {
	version, err := etag.Required(etag.Of(7))

	require.NoError(t, err)
	require.Equal(t, 7, version)
}

func TestIfMatchIsStrict(t *testing.T) {
	for _, header := range []string{`W/"7"`, `7`, `"07"`, `"-7"`, `"0"`, `"seven"`, `*`, `"`, `"7", "8"`, `"99999999999999999999"`} {
		_, err := etag.Required(header)
		require.ErrorIs(t, err, etag.ErrMismatch, header)
	}
}

func TestAMissingIfMatchIsRefusedOnlyWhereItIsRequired(t *testing.T) {
	_, err := etag.Required("")
	require.ErrorIs(t, err, etag.ErrRequired)

	version, err := etag.Optional("")
	require.NoError(t, err)
	require.Zero(t, version)
}

func TestIfNoneMatchComparesWeakly(t *testing.T) {
	for header, want := range map[string]bool{`"7"`: true, `W/"7"`: true, `"6", W/"7"`: true, `*`: true, `"8"`: false, ``: false, `7`: false} {
		require.Equal(t, want, etag.NotModified(header, etag.Of(7)), header)
	}
}
