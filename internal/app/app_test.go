package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/app/demo"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// counter is a shop in this process whose events are delivered only when the test says so.
type counter struct {
	t   *testing.T
	app *app.App
	key string
}

// poolRequests is how many requests of a counter can be at the database.
const poolRequests = 2

func open(t *testing.T, change func(*app.Config)) *counter {
	t.Helper()
	cfg := app.Config{Addr: "127.0.0.1:8080", MetricsAddr: "127.0.0.1:0", DatabaseURL: testdb.New(t).DSN(), SecretKey: "a key that only tests derive tokens from",
		CheckResponses: true, FakePayments: true, StatementCache: true, PoolRequests: poolRequests, PoolReads: 2, PoolBackground: 2,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	change(&cfg)
	a, err := app.New(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	require.NoError(t, a.LoadDemo(t.Context()))
	require.NoError(t, a.Drain(t.Context()))
	key, err := a.CreateKey(t.Context(), "test", "owner")
	require.NoError(t, err)
	return &counter{t: t, app: a, key: key}
}

func (c *counter) send(method, path, body string) (int, map[string]any) {
	c.t.Helper()
	r := httptest.NewRequest(method, path, bytes.NewBufferString(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "key-"+method+path)
	r.Header.Set("Authorization", "Bearer "+c.key)
	w := httptest.NewRecorder()
	c.app.Handler().ServeHTTP(w, r)
	var answer map[string]any
	require.NoError(c.t, json.Unmarshal(w.Body.Bytes(), &answer), w.Body)
	return w.Code, answer
}

const order = `{"lines": [{"sku": "` + demo.FeaturedSKU + `", "quantity": 1}], "email": "ada@example.com",
	"shipping_address": {"first_name": "Ada", "last_name": "Lovelace", "line1": "Canal Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE"},
	"payment": {"method": "fake", "token": "tok_success"}}`

func (c *counter) buy() string {
	c.t.Helper()
	status, answer := c.send(http.MethodPost, "/store/v1/checkouts", order)
	require.Equal(c.t, http.StatusCreated, status, answer)
	return answer["order"].(map[string]any)["id"].(string)
}

func (c *counter) settle() map[string]any {
	c.t.Helper()
	require.NoError(c.t, c.app.Drain(c.t.Context()), "no delivery is dead")
	violations, left, err := c.app.Verify(c.t.Context())
	require.NoError(c.t, err)
	require.Empty(c.t, left)
	require.Empty(c.t, violations)
	_, orders := c.send(http.MethodGet, "/admin/v1/orders", "")
	return orders["data"].([]any)[0].(map[string]any)
}

func TestAnOrderIsCapturedByItsEvent(t *testing.T) {
	c := open(t, func(*app.Config) {})
	c.buy()

	require.Equal(t, "paid", c.settle()["payment_status"])
}

func TestAnOrderCanceledBeforeItsEventIsNotCaptured(t *testing.T) {
	c := open(t, func(*app.Config) {})
	id := c.buy()
	status, answer := c.send(http.MethodPost, "/admin/v1/orders/"+id+"/cancellation", "{}")
	require.Equal(t, http.StatusOK, status, answer)

	require.Equal(t, "voided", c.settle()["payment_status"])
}

func TestAnOrderCapturedByStaffBeforeItsEventIsCapturedOnce(t *testing.T) {
	c := open(t, func(*app.Config) {})
	id := c.buy()
	status, answer := c.send(http.MethodPost, "/admin/v1/orders/"+id+"/captures", "{}")
	require.Equal(t, http.StatusCreated, status, answer)

	require.Equal(t, "paid", c.settle()["payment_status"])
}

func TestAnOrderPartlyCapturedAndCanceledBeforeItsEventKeepsNothing(t *testing.T) {
	c := open(t, func(*app.Config) {})
	id := c.buy()
	status, answer := c.send(http.MethodPost, "/admin/v1/orders/"+id+"/captures", `{"amount": {"amount": 100, "currency": "EUR"}}`)
	require.Equal(t, http.StatusCreated, status, answer)
	status, answer = c.send(http.MethodPost, "/admin/v1/orders/"+id+"/cancellation", "{}")
	require.Equal(t, http.StatusOK, status, answer)

	payment := c.settle()["payment"].(map[string]any)
	require.Equal(t, payment["captured"], payment["refunded"])
	require.EqualValues(t, 100, payment["captured"].(map[string]any)["amount"])
}

func TestNobodyPaysWithTheFakeMethodUnlessTheShopWantsIt(t *testing.T) {
	c := open(t, func(cfg *app.Config) { cfg.FakePayments = false })

	status, answer := c.send(http.MethodPost, "/store/v1/checkouts", order)

	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "payment_method_unavailable", answer["code"])
	require.NoError(t, c.app.Drain(t.Context()))
	violations, _, err := c.app.Verify(t.Context())
	require.NoError(t, err)
	require.Empty(t, violations)
}

// TestAStartWithoutADatabaseLeavesNothingBehind: it is tried again and again.
func TestAStartWithoutADatabaseLeavesNothingBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")

	_, err := app.New(t.Context(), app.Config{Addr: "127.0.0.1:8080", MetricsAddr: "127.0.0.1:0", PoolRequests: 1, PoolReads: 1, PoolBackground: 1,
		DatabaseURL: "postgres://nobody@127.0.0.1:1/nothing", SecretKey: "a key that only tests derive tokens from", Log: slog.New(slog.DiscardHandler)})

	require.Error(t, err)
	require.True(t, sqldb.Unavailable(err), err)
	goleak.VerifyNone(t, before)
}
