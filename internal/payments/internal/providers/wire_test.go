package providers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments/internal/providers"
)

// tell is an event about the authorization above.
func tell(kind, account, mode, authorization, movement string) []byte {
	return fmt.Appendf(nil, `{"id":"evt_1","type":%q,"account":%q,"mode":%q,"data":{"authorization":%s,"movement":%s}}`,
		kind, account, mode, authorization, movement)
}

func TestEventsAreReadWithSuspicion(t *testing.T) {
	captured := strings.Replace(held, `"captured":0`, `"captured":60`, 1)
	p := providers.NewRemote(config("http://127.0.0.1:1"))
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"right":                {tell("authorization.authorized", "acct_1", "test", held, "null"), ""},
		"capture":              {tell("capture.succeeded", "acct_1", "test", captured, `{"amount":60,"currency":"EUR"}`), ""},
		"other account":        {tell("authorization.authorized", "acct_2", "test", held, "null"), "account"},
		"other account inside": {tell("authorization.authorized", "acct_1", "test", strings.Replace(held, "acct_1", "acct_2", 1), "null"), "account"},
		"other mode":           {tell("authorization.authorized", "acct_1", "live", held, "null"), "mode"},
		"another name":         {tell("authorization.authorized", "acct_1", "test", strings.Replace(held, `"status":"authorized"`, `"status":"declined"`, 1), "null"), "status"},
		"more than captured":   {tell("capture.succeeded", "acct_1", "test", captured, `{"amount":61,"currency":"EUR"}`), "amount"},
		"in another currency":  {tell("capture.succeeded", "acct_1", "test", captured, `{"amount":60,"currency":"USD"}`), "currency"},
	} {
		word, err := p.Read(c.body)

		require.NoError(t, err, name)
		require.Equal(t, c.want, word.Foreign, name)
	}
	for _, body := range [][]byte{nil, []byte("x"), []byte("{}"), []byte(`{"data":{"authorization":{}}}`), tell("x", "acct_1", "test", `{"id":"a","status":"odd"}`, "null"),
		tell("x", "acct_1", "test", `{"id":"a\u0000","status":"declined"}`, "null"), tell("x", "acct_1", "test", `{"id":"a","status":"declined","reference":"\u0000"}`, "null"),
		tell("x", "acct_1", "test", `{"id":"a","status":"declined","currency":"\u0000"}`, "null")} {
		_, err := p.Read(body)
		require.Error(t, err, string(body))
	}
	require.True(t, json.Valid(tell("a", "b", "c", held, "null")))
}
