package abuse

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// idempotencyKeys sends keys that are none, to every operation that takes one.
func idempotencyKeys(w *world) {
	fresh := map[string]call{}
	for _, op := range w.document.operations {
		if op.parameter("Idempotency-Key") != nil {
			fresh[op.ID] = w.calls(op)[0][own]
		}
	}
	require.GreaterOrEqual(w.t, len(fresh), 3)
	w.Settle()
	for _, op := range w.document.operations {
		if c, takes := fresh[op.ID]; takes {
			w.unchanged(op.ID, func() { refusedKeys(w, op, c) })
		}
	}
	for _, op := range w.document.operations {
		if c, takes := fresh[op.ID]; takes {
			quotedIsBare(w, op, c)
		}
	}
}

func refusedKeys(w *world, op operation, c call) {
	w.t.Helper()
	for what, key := range invalidKeys() {
		answer := w.withKeys(op, c, key...)
		require.Equal(w.t, "400 invalid_idempotency_key", told(answer), "%s with a key that is %s: %s", op.ID, what, answer.Raw)
	}
	if op.parameter("Idempotency-Key").Required {
		require.Equal(w.t, "400 idempotency_key_required", told(w.withKeys(op, c)), op.ID)
	}
	requireClosed(w, c)
}

func invalidKeys() map[string][]string {
	return map[string][]string{
		"empty": {""}, "300 characters": {strings.Repeat("k", 300)}, "256 characters": {strings.Repeat("k", 256)}, "a tab": {"a\tb"}, "a space": {"a b"},
		"beyond ASCII": {"clé"}, "Latin-1": {"cl\xe9"}, "an empty text": {`""`}, "half a text": {`"abc`}, "the other half": {`abc"`}, "two texts": {`"a", "b"`},
		"in two headers": {"a", "b"}, "in two equal headers": {"a", "a"}, "in a second header": {"", "a"}, "long in quotes": {`"` + strings.Repeat("k", 256) + `"`},
	}
}

// withKeys sends a call with these headers for its key.
func (w *world) withKeys(op operation, c call, keys ...string) shop.Answer {
	w.t.Helper()
	headers := append(w.credentials(op), typed(jsonType))
	for _, key := range keys {
		headers = append(headers, shop.Once(key))
	}
	return w.raw(c.method, c.path, encode(w, c.body), headers...)
}

// requireClosed sends a control character, with which there is no request and hence no problem either: the connection
// ends after 400.
func requireClosed(w *world, c call) {
	w.t.Helper()
	for _, char := range []string{"\x00", "\x01", "\x7f"} {
		conn := dial(w)
		_, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: a%sb\r\nContent-Length: 2\r\n\r\n{}", c.method, c.path, char)
		require.NoError(w.t, err)
		answer, err := io.ReadAll(conn)
		require.NoError(w.t, err)
		require.Regexp(w.t, `^HTTP/1\.1 400 `, string(answer))
		require.NotRegexp(w.t, leak, string(answer))
	}
}

// quotedIsBare wants the key in quotes to be the same key.
func quotedIsBare(w *world, op operation, c call) {
	w.t.Helper()
	key := shop.NewKey()
	first := w.withKeys(op, c, key)
	require.Less(w.t, first.Status, http.StatusBadRequest, "%s: %s", op.ID, first.Raw)
	again := w.withKeys(op, c, `"`+key+`"`)
	require.Equal(w.t, string(first.Raw), string(again.Raw), op.ID)
	require.Equal(w.t, "true", again.Header.Get("Idempotency-Replayed"), op.ID)
}
