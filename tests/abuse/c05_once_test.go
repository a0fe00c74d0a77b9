package abuse

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// withoutKey are the operations that post and take no Idempotency-Key, and why.
func withoutKey() map[string]string {
	return map[string]string{
		"cancelCheckout":       "a canceled checkout stays canceled",
		"giveUpCheckout":       "a canceled checkout stays canceled",
		"replayDeadEvent":      "what is due again is not dead",
		"replayDeadEvents":     "what is due again is not dead",
		"createImport":         "the same file changes nothing the second time, and may be too large to compare",
		"cancelImport":         "a canceled import stays canceled",
		"resolvePaymentReview": "a resolved review stays resolved",
		"resolveStockReview":   "a resolved review stays resolved",
		"receivePaymentEvent":  "events are deduplicated by their id",
	}
}

// keptByRows are the modules that have a row of their own for what a request began; their tests are elsewhere.
func keptByRows(op operation) bool { return op.Tags[0] == "checkout" || op.Tags[0] == "orders" }

// TestC05RequestsWithAKeyAreCarriedOutOnce repeats every request that creates or moves something.
func TestC05RequestsWithAKeyAreCarriedOutOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := w.create("/admin/v1/api-keys", shop.Object{"name": "stranger", "role": "owner"}).Text("secret")
	var seen int
	for _, op := range w.document.operations {
		if op.Method != http.MethodPost {
			continue
		}
		if op.parameter("Idempotency-Key") == nil {
			require.NotEmpty(w.t, withoutKey()[op.ID], "%s takes no Idempotency-Key", op.ID)
			continue
		}
		if keptByRows(op) {
			continue
		}
		seen++
		sameKeyTwice(w, op, stranger)
		noKeyTwice(w, op)
		sameKeyAtOnce(w, op)
		refusedFirst(w, op)
	}
	require.GreaterOrEqual(w.t, seen, 13)
}

// fresh is a call with a new body and without a key.
func (w *world) fresh(op operation) call {
	w.t.Helper()
	var named []string
	if where, has := w.place(op); has {
		named = where.own(w, w.shoppers[0])
	}
	c := w.call(op, w.shoppers[0], named)
	c.headers = nil
	w.Settle()
	return c
}

func sameKeyTwice(w *world, op operation, stranger string) {
	w.t.Helper()
	c, key := w.fresh(op), shop.NewKey()
	c.headers = append(c.headers, shop.Once(key))
	first := w.do(c, w.credentials(op)...)
	require.Equal(w.t, op.success(), first.Status, "%s: %s", op.ID, first.Raw)
	require.Empty(w.t, first.Header.Get("Idempotency-Replayed"), op.ID)
	w.Settle()

	w.unchanged(op.ID+" with the same key", func() { requireReplay(w, op, first, w.do(c, w.credentials(op)...)) })

	other := c
	other.body = changed(c.body)
	w.unchanged(op.ID+" with another body", func() {
		require.Equal(w.t, "422 idempotency_key_reused", told(w.do(other, w.credentials(op)...)), op.ID)
	})
	asStranger(w, op, c, stranger)
}

// asStranger uses the key as somebody else, who is not told what the first one was answered. Who opens a cart has shown nothing
// yet that would tell one from another.
func asStranger(w *world, op operation, c call, apiKey string) {
	w.t.Helper()
	if op.Access == contract.AccessPublic {
		return
	}
	answer := w.do(c, append(w.credentials(op), shop.Key(apiKey), shop.CartToken("guessed"))...)
	require.Empty(w.t, answer.Header.Get("Idempotency-Replayed"), "%s: %s", op.ID, answer.Raw)
}

func requireReplay(w *world, op operation, first, again shop.Answer) {
	w.t.Helper()
	require.Equal(w.t, first.Status, again.Status, "%s: %s", op.ID, again.Raw)
	require.Equal(w.t, string(first.Raw), string(again.Raw), op.ID)
	require.Equal(w.t, "true", again.Header.Get("Idempotency-Replayed"), op.ID)
	for _, name := range []string{"Content-Type", "Location", "ETag"} {
		require.Equal(w.t, first.Header.Get(name), again.Header.Get(name), "%s: %s", op.ID, name)
	}
}

// noKeyTwice wants the second request to be one of its own: it does something, or is refused for what the first one did.
func noKeyTwice(w *world, op operation) {
	w.t.Helper()
	c := w.fresh(op)
	first := w.do(c, w.credentials(op)...)
	require.Equal(w.t, op.success(), first.Status, "%s: %s", op.ID, first.Raw)
	second := w.do(c, w.credentials(op)...)
	require.Empty(w.t, second.Header.Get("Idempotency-Replayed"), op.ID)
	if op.ID == "setPrice" { // sets what is set
		return
	}
	require.NotEqual(w.t, string(first.Raw), string(second.Raw), op.ID)
}

func sameKeyAtOnce(w *world, op operation) {
	w.t.Helper()
	const twins = 4
	alone := w.fresh(op)
	alone.headers = append(alone.headers, shop.Once(shop.NewKey()))
	cost := w.growth(func() { require.Equal(w.t, op.success(), w.do(alone, w.credentials(op)...).Status, op.ID) })

	c := w.fresh(op)
	c.headers = append(c.headers, shop.Once(shop.NewKey()))
	answers := make([]shop.Answer, twins)
	grown := w.growth(func() {
		var all sync.WaitGroup
		for i := range twins {
			all.Go(func() {
				answers[i], _ = w.Try(c.method, c.path, c.body, append(w.credentials(op), c.headers...)...)
			})
		}
		all.Wait()
	})
	again := w.do(c, w.credentials(op)...)

	require.Equal(w.t, cost, grown, "%s at once made more rows than one alone", op.ID)
	for _, answer := range answers {
		if answer.Status == op.success() {
			require.Equal(w.t, string(again.Raw), string(answer.Raw), op.ID)
			continue
		}
		require.Contains(w.t, []string{"409 idempotency_in_progress", "503 overloaded"}, told(answer), op.ID)
		require.NotEmpty(w.t, answer.Header.Get("Retry-After"), op.ID)
	}
	require.Equal(w.t, "true", again.Header.Get("Idempotency-Replayed"), op.ID)
}

// refusedFirst uses a key again after a request that was refused.
func refusedFirst(w *world, op operation) {
	w.t.Helper()
	c := w.fresh(op)
	c.headers = append(c.headers, shop.Once(shop.NewKey()))
	spoiled := c
	spoiled.body = shop.Object{"surely": "unknown"}
	require.GreaterOrEqual(w.t, w.do(spoiled, w.credentials(op)...).Status, http.StatusBadRequest, op.ID)

	fixed := w.do(c, w.credentials(op)...)

	require.Equal(w.t, op.success(), fixed.Status, "%s: %s", op.ID, fixed.Raw)
}

// changed is a body that asks for something else.
func changed(body any) shop.Object {
	object, _ := body.(shop.Object)
	other := maps.Clone(object)
	for _, name := range []string{"name", "title", "sku"} {
		if text, has := object[name].(string); has {
			other[name] = text + "-other"
			return other
		}
	}
	if lines, has := object["lines"].([]shop.Object); has {
		line := maps.Clone(lines[0])
		line["quantity"] = 7
		other["lines"] = []shop.Object{line}
		return other
	}
	other["amount"] = shop.EUR(77)
	return other
}

// growth is how many rows something makes, in all tables but those that come and go in the background.
func (w *world) growth(run func()) int64 {
	w.t.Helper()
	const query = `SELECT sum((xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I', table_schema, table_name),
			false, true, '')))[1]::text::bigint)
		FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
			AND table_name <> 'outbox_deliveries'`
	var before, after int64
	require.NoError(w.t, w.Admin().Get(context.Background(), &before, query))
	run()
	w.Settle()
	require.NoError(w.t, w.Admin().Get(context.Background(), &after, query))
	return after - before
}
