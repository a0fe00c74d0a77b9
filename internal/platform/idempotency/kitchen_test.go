package idempotency_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const secret = "a secret of the kitchen"

var errTaken = fault.New("sku_taken", "There is such a dish.")

// kitchen cooks what is posted to it: one row per dish, unless a test has it do something else.
type kitchen struct {
	t       *testing.T
	db      *testdb.Database
	pool    *sqldb.DB
	handler http.Handler
	// instead, where it answers true, has answered the request.
	instead func(w http.ResponseWriter, r *http.Request) bool
	// held is called when a dish is cooked and not yet served.
	held  func()
	calls atomic.Int64
}

func open(t *testing.T, secrets ...string) *kitchen {
	t.Helper()
	const tables = "CREATE TABLE kitchen.dishes (id text PRIMARY KEY, name text NOT NULL);\n"
	db := testdb.New(t, testdb.WithMigrations([]schema.Module{{Name: "kitchen", FS: fstest.MapFS{
		"000001_init.up.sql": {Data: []byte(tables + idempotency.MigrationSQL("kitchen"))}}}}))
	k := &kitchen{t: t, db: db, pool: db.Module("kitchen")}
	k.use(append(secrets, secret)...)
	return k
}

// use serves with other secrets of the server.
func (k *kitchen) use(secrets ...string) {
	var all [][]byte
	for _, s := range secrets {
		all = append(all, []byte(s))
	}
	keys := idempotency.NewKeys(k.pool, "kitchen", all...)
	k.handler = idempotency.Once(func(r *http.Request) *idempotency.Keys {
		if r.URL.Path == "/unguarded" {
			return nil
		}
		return keys
	})(http.HandlerFunc(k.cook))
}

func (k *kitchen) cook(w http.ResponseWriter, r *http.Request) {
	k.calls.Add(1)
	if k.instead != nil && k.instead(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	require.NoError(k.t, err)
	id := ids.New()
	err = k.pool.InTx(r.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(r.Context(), `INSERT INTO kitchen.dishes (id, name) VALUES ($1, $2)`, id, string(body))
		return err
	})
	if k.held != nil {
		k.held()
	}
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/dishes/"+id)
	w.Header().Set("ETag", `"1"`)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id, "token": "token-of-" + id})
}

// order is a request with a key; further headers come in pairs.
func (k *kitchen) order(key, body string, headers ...string) *httptest.ResponseRecorder {
	return k.send(request(key, body, headers...))
}

func request(key, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/dishes", strings.NewReader(body))
	if key != "" {
		r.Header.Set(idempotency.Header, key)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (k *kitchen) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	return w
}

func as(r *http.Request, caller identity.Identity) *http.Request {
	return r.WithContext(identity.With(r.Context(), caller))
}

func (k *kitchen) count(query string, args ...any) int {
	k.t.Helper()
	var n int
	require.NoError(k.t, k.db.Admin().Get(k.t.Context(), &n, query, args...))
	return n
}

func (k *kitchen) dishes() int {
	k.t.Helper()
	return k.count(`SELECT count(*) FROM kitchen.dishes`)
}

// told is status and code of an answer.
func told(w *httptest.ResponseRecorder) string {
	var p struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(w.Body.Bytes(), &p)
	return strings.TrimSpace(fmt.Sprint(w.Code, " ", p.Code))
}
