package passport_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/passport"
)

const secret = "the-token-of-the-processes-of-the-shop"

func clerk() identity.Identity {
	return identity.Identity{Kind: identity.APIKey, KeyID: "key_1", Name: "clerk", Scopes: []string{"inventory:read", "inventory:write"}}
}

func office(t *testing.T, now time.Time, secrets ...string) *passport.Office {
	t.Helper()
	o, err := passport.NewOffice(secrets, func() time.Time { return now })
	require.NoError(t, err)
	return o
}

func request(method, path string) *http.Request {
	return httptest.NewRequest(method, path, nil)
}

func TestTheModuleHearsWhoAsks(t *testing.T) {
	now := time.Now()
	r := request("POST", "/admin/v1/stock%2Flevels?limit=3")
	require.NoError(t, office(t, now, secret).Issue(r, "inventory", clerk()))

	got, err := office(t, now.Add(time.Minute), "another-secret-of-more-than-32-characters", secret).Check(r, "inventory")

	require.NoError(t, err)
	assert.Equal(t, clerk(), got)
}

func TestWithoutAPassportItIsNobody(t *testing.T) {
	r := request("GET", "/")
	r.Header.Set(passport.Header, "what the client sent")
	o := office(t, time.Now(), secret)
	require.NoError(t, o.Issue(r, "inventory", identity.Identity{}))

	got, err := o.Check(r, "inventory")

	require.NoError(t, err)
	assert.Equal(t, identity.Identity{}, got)
}

func encode(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }

// forge signs as the office does.
func forge(t *testing.T, header, payload string) string {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "rialto passport v1", sha256.Size)
	require.NoError(t, err)
	text := encode(header) + "." + encode(payload)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func payload(t *testing.T, change map[string]any) string {
	now := time.Now()
	good := map[string]any{"iss": "rialto", "aud": []string{"inventory"}, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"request": "GET /admin/v1/stock-levels", "key_id": "key_1", "name": "clerk", "scopes": []string{"inventory:read"}}
	for name, value := range change {
		good[name] = value
		if value == nil {
			delete(good, name)
		}
	}
	text, err := json.Marshal(good)
	require.NoError(t, err)
	return string(text)
}

// TestS11APassportThatIsNotGoodIsRefused: whatever is wrong with it, nobody is who it says, and no network is asked.
func TestS11APassportThatIsNotGoodIsRefused(t *testing.T) {
	const hs256 = `{"alg":"HS256","typ":"JWT"}`
	past, future := time.Now().Add(-time.Hour).Unix(), time.Now().Add(time.Hour).Unix()
	good := forge(t, hs256, payload(t, nil))
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	o := office(t, time.Now(), secret)
	check := func(passports ...string) error {
		r := request("GET", "/admin/v1/stock-levels")
		r.Header[passport.Header] = passports
		_, err := o.Check(r, "inventory")
		return err
	}
	require.NoError(t, check(good))
	for name, bad := range map[string]string{
		"empty":                     "",
		"no token":                  "clerk",
		"unsigned":                  head + "." + body + ".",
		"alg none":                  encode(`{"alg":"none"}`) + "." + body + ".",
		"alg None":                  encode(`{"alg":"None"}`) + "." + body + "." + signature,
		"alg HS512":                 forge(t, `{"alg":"HS512"}`, payload(t, nil)),
		"alg RS256":                 forge(t, `{"alg":"RS256"}`, payload(t, nil)),
		"no alg":                    forge(t, `{}`, payload(t, nil)),
		"another kid":               encode(`{"alg":"HS256","kid":"../../dev/null"}`) + "." + body + "." + signature,
		"a link to a key":           encode(`{"alg":"HS256","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/"}`) + "." + body + "." + signature,
		"its own key":               encode(`{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}`) + "." + body + "." + signature,
		"other scopes":              head + "." + encode(payload(t, map[string]any{"scopes": []string{"orders:write"}})) + "." + signature,
		"expired":                   forge(t, hs256, payload(t, map[string]any{"exp": past})),
		"no end":                    forge(t, hs256, payload(t, map[string]any{"exp": nil})),
		"not yet":                   forge(t, hs256, payload(t, map[string]any{"nbf": future})),
		"issued in the future":      forge(t, hs256, payload(t, map[string]any{"iat": future})),
		"for another module":        forge(t, hs256, payload(t, map[string]any{"aud": []string{"orders"}})),
		"for no module":             forge(t, hs256, payload(t, map[string]any{"aud": nil})),
		"by another issuer":         forge(t, hs256, payload(t, map[string]any{"iss": "another"})),
		"for another request":       forge(t, hs256, payload(t, map[string]any{"request": "GET /admin/v1/stock-locations"})),
		"for another method":        forge(t, hs256, payload(t, map[string]any{"request": "DELETE /admin/v1/stock-levels"})),
		"signed with the raw token": head + "." + body + "." + base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"2 MB":                      forge(t, hs256, payload(t, map[string]any{"name": strings.Repeat("x", 2<<20)})),
	} {
		assert.Error(t, check(bad), name)
	}
	assert.Error(t, check(good, good), "two passports")
}

func TestAPassportOfAnotherShopIsRefused(t *testing.T) {
	now := time.Now()
	r := request("GET", "/admin/v1/stock-levels")
	require.NoError(t, office(t, now, "another-secret-of-more-than-32-characters").Issue(r, "inventory", clerk()))

	_, err := office(t, now, secret).Check(r, "inventory")

	assert.Error(t, err)
}
