package checkoutmod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// standing is a checkout that was left in a status, by a card payment under key-1.
type standing struct {
	*world
	reference, publicID string
	body                map[string]any
}

// statuses say how each status comes about.
func statuses() map[string]func(s *standing) {
	crashed := func(at string, more ...map[string]any) func(s *standing) {
		return func(s *standing) {
			s.body = byCart(s.publicID, more...)
			s.calls.on(s.calls.before, at, crashes)
			s.crash("key-1", s.body)
		}
	}
	waits := func(status string) func(s *standing) {
		return func(s *standing) {
			s.calls.answer(status)
			require.Equal(s.t, 202, s.post("key-1", s.body).status)
		}
	}
	ends := func(token string) func(s *standing) {
		return func(s *standing) {
			s.body = byCart(s.publicID, byCard(token))
			s.post("key-1", s.body)
		}
	}
	return map[string]func(s *standing){
		"started":         crashed("reserve"),
		"authorizing":     crashed("authorize", byCard("tok_success")),
		"action_required": waits(payments.StatusActionRequired),
		"payment_unknown": waits(payments.StatusUnknown),
		"canceling":       crashed("thaw", byCard("tok_declined")),
		"completed":       ends("tok_success"),
		"canceled":        ends("tok_declined"),
		"review": func(s *standing) {
			waits(payments.StatusUnknown)(s)
			s.pass(25 * time.Hour)
			s.recover()
			s.calls.answer("")
		},
	}
}

// verbs are what can happen to a checkout that nobody works on; asking answers status and code.
func verbs() map[string]func(s *standing) answer {
	return map[string]func(s *standing) answer{
		"the same key":      func(s *standing) answer { return s.post("key-1", s.body) },
		"another key":       func(s *standing) answer { return s.post("key-2", byCart(s.publicID)) },
		"cancel":            func(s *standing) answer { return s.cancel(s.reference, byCartToken(cartToken)) },
		"given up by staff": func(s *standing) answer { return s.giveUp(s.reference, "orders:write") },
		"recovery":          func(s *standing) answer { s.due(); s.recover(); return answer{} },
		"an event":          func(s *standing) answer { s.tell(s.reference); return answer{} },
		"recovery, overdue": func(s *standing) answer { s.pass(21 * time.Minute); s.recover(); return answer{} },
	}
}

// TestC21WhatBecomesOfEveryStatus: after a verb, the status of the checkout, and what is answered.
func TestC21WhatBecomesOfEveryStatus(t *testing.T) {
	const refused, declined, notStaffs = "checkout_in_progress", "payment_declined", "checkout_not_cancelable"
	type outcome struct {
		status string
		answer int
		code   string
	}
	silent := func(status string) outcome { return outcome{status: status} }
	forward := map[string]outcome{
		"the same key": {"completed", 201, ""}, "another key": {"", 409, refused}, "cancel": {"canceled", 200, ""},
		"given up by staff": {"", 409, notStaffs},
		"recovery":          silent("completed"), "an event": silent("completed"), "recovery, overdue": silent("canceled")}
	waiting := func(status, overdue string) map[string]outcome {
		return map[string]outcome{
			"the same key": {status, 202, ""}, "another key": {status, 409, refused}, "cancel": {"canceled", 200, ""},
			"given up by staff": {status, 409, notStaffs},
			"recovery":          silent(status), "an event": silent(status), "recovery, overdue": silent(overdue)}
	}
	want := map[string]map[string]outcome{
		"started": forward, "authorizing": forward,
		"action_required": waiting("action_required", "canceled"),
		"payment_unknown": waiting("payment_unknown", "payment_unknown"),
		"canceling": {
			"the same key": {"canceled", 402, declined}, "another key": {"canceled", 201, ""}, "cancel": {"canceled", 200, ""},
			"given up by staff": {"canceled", 200, ""},
			"recovery":          silent("canceled"), "an event": silent("canceled"), "recovery, overdue": silent("canceled")},
		"completed": {
			"the same key": {"completed", 201, ""}, "another key": {"completed", 200, ""},
			"cancel": {"completed", 409, "checkout_not_cancelable"}, "given up by staff": {"completed", 409, notStaffs},
			"recovery": silent("completed"), "an event": silent("completed"), "recovery, overdue": silent("completed")},
		"canceled": {
			"the same key": {"canceled", 402, declined}, "another key": {"canceled", 201, ""}, "cancel": {"canceled", 200, ""},
			"given up by staff": {"canceled", 200, ""},
			"recovery":          silent("canceled"), "an event": silent("canceled"), "recovery, overdue": silent("canceled")},
		"review": {
			"the same key": {"review", 202, ""}, "another key": {"review", 409, refused},
			"cancel": {"review", 409, "checkout_not_cancelable"}, "given up by staff": {"canceled", 200, ""},
			"recovery": silent("review"), "an event": silent("review"), "recovery, overdue": silent("review")},
	}
	shared := newWorld(t)
	for status, bring := range statuses() {
		for verb, do := range verbs() {
			t.Run(verb+" in "+status, func(t *testing.T) {
				s := &standing{world: shared.again(t)}
				s.putStock("TEE-M", 5)
				_, s.publicID = s.putCart(line("TEE-M", 1))
				s.body = byCart(s.publicID, byCard("tok_success"))
				bring(s)
				s.reference = s.world.reference()
				require.Equal(t, status, s.status(s.reference))
				expected := want[status][verb]

				got := do(s)

				assert.Equal(t, expected.answer, got.status, got.raw)
				if expected.code != "" {
					assert.Equal(t, expected.code, got.body["code"])
				}
				if expected.status != "" {
					assert.Equal(t, expected.status, s.status(s.reference))
				}
				s.verify()
			})
		}
	}
}

func TestC02TwoCartsPastValidationShareOneUnit(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	_, first := w.putCart(line("TEE-M", 1))
	loserID, second := w.putCart(line("TEE-M", 1))
	var won answer
	w.calls.on(w.calls.before, "freeze", doing(func() { // both have looked at the stock
		w.calls.calm()
		won = w.post("key-1", byCart(first, byCard("tok_success")))
	}))

	lost := w.post("key-1", byCart(second, byCard("tok_success")))

	assert.Equal(t, 201, won.status, won.raw)
	assert.Equal(t, 409, lost.status, lost.raw)
	assert.Equal(t, "insufficient_stock", lost.body["code"])
	assert.Len(t, w.orders.placed, 1)
	assert.Equal(t, cart.StatusOpen, w.cartStatus(loserID))
	assert.Equal(t, []string{"freeze", "freeze", "reserve", "authorize", "place", "reserve", "thaw"}, w.calls.writes(), "the loser's card is never asked")
	w.verify()
}

func TestStaffSeeCheckoutsByStatusNewestFirst(t *testing.T) {
	w := newWorld(t)
	var references []string
	for _, token := range []string{"tok_success", "tok_declined", "tok_success"} {
		w.putStock("TEE-M", 5)
		_, publicID := w.putCart(line("TEE-M", 1))
		w.post("key-1", byCart(publicID, byCard(token)))
	}
	_, _, unknown, _ := w.waiting(payments.StatusUnknown)
	require.NoError(t, w.db.Admin().Select(t.Context(), &references, `SELECT reference FROM checkout.attempts ORDER BY id DESC`))
	list := func(query string) answer {
		return w.send(t.Context(), "GET", "/admin/v1/checkouts"+query, map[string]string{"Authorization": "orders:read"}, nil)
	}
	shown := func(got answer) (ids []string) {
		require.Equal(t, 200, got.status, got.raw)
		for _, listed := range got.body["data"].([]any) {
			ids = append(ids, listed.(map[string]any)["id"].(string))
		}
		return ids
	}

	first := list("?limit=3&total=true")
	page := first.body["page"].(map[string]any)
	second := list("?limit=3&cursor=" + page["next_cursor"].(string))

	assert.Equal(t, references, append(shown(first), shown(second)...))
	assert.EqualValues(t, 4, page["total"])
	assert.NotEmpty(t, first.header.Get("Link"))
	assert.Equal(t, []string{unknown}, shown(list("?status=payment_unknown")))
	canceled := list("?status=canceled").body["data"].([]any)[0].(map[string]any)
	assert.Equal(t, "payment_declined", canceled["failure_code"])
	assert.NotContains(t, canceled, "ends_at")
	assert.Empty(t, shown(list("?status=review")))
	w.pass(25 * time.Hour)
	w.recover()
	reviewed := list("?status=review&total=true")
	require.Equal(t, []string{unknown}, shown(reviewed))
	assert.EqualValues(t, 1, reviewed.body["page"].(map[string]any)["total"])
	assert.Equal(t, "payment_unknown", reviewed.body["data"].([]any)[0].(map[string]any)["review_reason"])

	assert.Equal(t, 400, list("?status=lost").status)
	assert.Equal(t, "invalid_cursor", list("?status=review&cursor=" + page["next_cursor"].(string)).body["code"])
	assert.Equal(t, 403, w.send(t.Context(), "GET", "/admin/v1/checkouts", map[string]string{"Authorization": "catalog:read"}, nil).status)
	assert.Equal(t, 401, w.send(t.Context(), "GET", "/admin/v1/checkouts", nil, nil).status)
}
