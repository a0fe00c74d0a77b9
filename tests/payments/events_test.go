package payments

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const authorizedEvent = "authorization.authorized"

// told is how often a change of a payment was announced.
func (h house) told(reference, status string) int64 {
	h.t.Helper()
	return h.Int(`SELECT count(*) FROM payments.outbox_events WHERE aggregate_id = $1 AND payload->>'status' = $2`, reference, status)
}

// deliveries are the answers to an event.
func (h house) deliveries(event string) []int {
	h.t.Helper()
	var statuses []int
	for _, d := range h.Provider.Deliveries() {
		if d.Event == event {
			statuses = append(statuses, d.Status)
		}
	}
	return statuses
}

func (h house) outcome(event string) string {
	h.t.Helper()
	return h.text(`SELECT coalesce((SELECT coalesce(outcome, 'waits') FROM payments.provider_events WHERE event_id = $1), 'not stored')`, event)
}

// handled waits until an event is, and answers what came of it.
func (h house) handled(event string) string {
	h.t.Helper()
	require.Eventually(h.t, func() bool { return h.outcome(event) != "waits" }, soon, often)
	return h.outcome(event)
}

func strayEvent(h house) {
	e := h.Provider.SendEvent(fakeprovider.Announcement{Authorization: "auth_of_nobody", Type: authorizedEvent, Reference: "co_of_nobody"})

	require.Equal(h.t, []int{http.StatusNoContent}, h.deliveries(e.ID))
	require.Eventually(h.t, func() bool {
		return h.Int(`SELECT count(*) FROM payments.provider_events WHERE event_id = $1 AND tries > 1 AND handled_at IS NULL`, e.ID) == 1
	}, soon, often, "it is tried again and again")
	_, err := h.Admin().Exec(h.t.Context(), `UPDATE payments.provider_events SET received_at = received_at - interval '25 hours', next_try_at = now() WHERE event_id = $1`, e.ID)
	require.NoError(h.t, err)
	require.Equal(h.t, "unmatched", h.handled(e.ID))
	require.Equal(h.t, []string{"event_unmatched "}, h.reviews("co_of_nobody"))
}

// pending is a checkout whose payment the provider has not decided.
func (h house) pending() (reference string, held fakeprovider.Authorization) {
	h.t.Helper()
	reference, _ = h.must(http.StatusAccepted, "tok_pending")
	held, found := h.Provider.Find(h.key(reference))
	require.True(h.t, found)
	return reference, held
}

func twentyTimes(h house) {
	reference, held := h.pending()
	h.Provider.Script(fakeprovider.Rule{Op: "approve", EventCount: 20})

	h.Provider.Decide(held.ID, "authorized")
	h.becomes(reference, "completed")
	event := h.text(`SELECT event_id FROM payments.provider_events WHERE convert_from(body, 'UTF8') LIKE '%' || $1 || '%authorized%' ORDER BY received_at LIMIT 1`, held.ID)
	require.Eventually(h.t, func() bool { return len(h.deliveries(event)) == 20 }, soon, often)

	for _, status := range h.deliveries(event) {
		require.Equal(h.t, http.StatusNoContent, status)
	}
	require.EqualValues(h.t, 1, h.Int(`SELECT count(*) FROM payments.provider_events WHERE event_id = $1`, event))
	require.EqualValues(h.t, 1, h.told(reference, "authorized"))
	h.once(reference)
}

func tooLate(h house) {
	before := h.reserved()
	h.Provider.Script(fakeprovider.Rule{Op: "authorize", AnswerDelayMS: 5000, NoEvents: true, Times: 1},
		fakeprovider.Rule{Op: "lookup", Status: 404}, fakeprovider.Rule{Op: "read", Status: 404})
	reference, pending := h.must(http.StatusAccepted, "tok_success")
	h.cancel(reference, pending)
	require.Equal(h.t, before, h.reserved())
	h.pass(reference, "26 hours")
	require.Eventually(h.t, func() bool { return len(h.reviews(reference)) > 0 }, soon, often, "a person is asked to look")
	h.Provider.ClearScript()

	e := h.Provider.SendEvent(fakeprovider.Announcement{Key: h.key(reference), Type: authorizedEvent})

	require.Equal(h.t, []int{http.StatusNoContent}, h.deliveries(e.ID))
	h.pays(reference, "voided")
	require.Equal(h.t, 1, h.Provider.Count("void", reference))
	require.EqualValues(h.t, 1, h.Int(`SELECT count(*) FROM payments.outbox_events WHERE aggregate_id = $1 AND name = 'payments.late_payment_refunded.v1'`, reference))
	require.Equal(h.t, "canceled", h.checkout(reference))
	require.Zero(h.t, h.orders(reference))
}

// eventNotHandled kills the server that took the event, right after it was stored.
func eventNotHandled(h house) {
	reference, held := h.pending()
	h.Settle()
	h.Provider.Script(fakeprovider.Rule{Op: "approve", NoEvents: true})
	h.Provider.Decide(held.ID, "authorized")
	held.Status = "authorized"
	body, err := json.Marshal(fakeprovider.Event{ID: "evt_kp14", Type: authorizedEvent, Account: held.Account, Mode: held.Mode,
		Data: fakeprovider.EventData{Authorization: held}})
	require.NoError(h.t, err)
	first := h.Replicas[0]
	first.Plan("payments.event_stored", "kill")

	_, err = h.At(0).Try(http.MethodPost, shop.ProviderEvents, string(body), h.Provider.Signed("evt_kp14", time.Now(), body)...)
	require.Error(h.t, err)
	first.WaitForDeath()

	h.becomes(reference, "completed")
	first.Start()
	h.once(reference)
	require.Equal(h.t, "applied", h.outcome("evt_kp14"))
	require.EqualValues(h.t, 1, h.told(reference, "authorized"))
}

// post sends an event by hand to replica i.
func (h house) post(i int, body string, headers ...shop.Header) shop.Answer {
	h.t.Helper()
	return h.At(i).Send(http.MethodPost, shop.ProviderEvents, body, headers...)
}

// unknownEvent is about nothing, so that what happens to it shows only in the table of events.
const unknownEvent = `{"id":"evt","type":"authorization.authorized"}`

func (h house) stored() int64 {
	h.t.Helper()
	return h.Int(`SELECT count(*) FROM payments.provider_events`)
}

func timely(h house) {
	for i := range h.Replicas {
		before := h.stored()
		id := shop.NewKey()
		require.Equal(h.t, http.StatusNoContent, h.post(i, unknownEvent, h.Provider.Signed(id, time.Now(), []byte(unknownEvent))...).Status)
		require.Equal(h.t, before+1, h.stored())
		for _, offset := range []time.Duration{-6 * time.Minute, 6 * time.Minute, 10 * time.Minute, -10 * time.Minute} {
			signed := h.Provider.Signed(shop.NewKey(), time.Now().Add(offset), []byte(unknownEvent))
			require.Equal(h.t, http.StatusUnauthorized, h.post(i, unknownEvent, signed...).Status, "%s at a clock that is wrong by as much", offset)
		}
	}
}

func unsigned(h house) {
	before := h.stored()
	right := h.Provider.Signed("evt_unsigned", time.Now(), []byte(unknownEvent))
	spoiled := func(change func(name, value string) string) []shop.Header {
		var headers []shop.Header
		for _, header := range right {
			if value := change(header.Name, header.Value); value != "-" {
				headers = append(headers, shop.Header{Name: header.Name, Value: value})
			}
		}
		return headers
	}
	replaced := func(wanted, by string) []shop.Header {
		return spoiled(func(name, value string) string {
			if name == wanted {
				return by
			}
			return value
		})
	}
	signature := right[2].Value
	for name, headers := range map[string][]shop.Header{
		"none": nil, "no signature": replaced("webhook-signature", "-"), "no timestamp": replaced("webhook-timestamp", "-"), "no id": replaced("webhook-id", "-"),
		"empty": replaced("webhook-signature", ""), "wrong": replaced("webhook-signature", "v1,"+strings.Repeat("A", 43)+"="),
		"v0": replaced("webhook-signature", strings.Replace(signature, "v1,", "v0,", 1)), "other id": replaced("webhook-id", "evt_other"),
		"old":  h.Provider.Signed("evt_unsigned", time.Now().Add(-6*time.Minute), []byte(unknownEvent)),
		"body": h.Provider.Signed("evt_unsigned", time.Now(), []byte(unknownEvent+" ")),
	} {
		answer := h.post(0, unknownEvent, headers...)
		require.Equal(h.t, http.StatusUnauthorized, answer.Status, "%s: %s", name, answer.Raw)
		require.Equal(h.t, "invalid_signature", answer.Code(), name)
	}
	require.Equal(h.t, http.StatusUnauthorized, h.post(0, "not JSON", right...).Status, "who it is from comes before what it says")
	require.Equal(h.t, http.StatusNotFound, h.At(0).Send(http.MethodPost, "/hooks/v1/payments/other", unknownEvent, right...).Status)
	require.Equal(h.t, before, h.stored())

	require.Equal(h.t, http.StatusNoContent, h.post(0, unknownEvent, right...).Status)
	require.Equal(h.t, before+1, h.stored())
}

func contradicting(h house) {
	other, _ := h.must(http.StatusCreated, "tok_success")
	less := int64(1)
	for differs, wanted := range map[string]fakeprovider.Announcement{
		"amount": {Amount: &less}, "currency": {Currency: "USD"}, "account": {Account: "acct_of_others"}, "mode": {Mode: "live"},
	} {
		reference, held := h.pending()
		wanted.Key, wanted.Type = h.key(reference), authorizedEvent

		e := h.Provider.SendEvent(wanted)

		require.Equal(h.t, []int{http.StatusNoContent}, h.deliveries(e.ID), differs)
		require.Equal(h.t, "differs", h.handled(e.ID), differs)
		require.Equal(h.t, []string{"unknown", "payment_unknown"}, []string{h.attempt(reference), h.checkout(reference)}, differs)
		require.Equal(h.t, []string{"provider_differs " + differs}, h.reviews(reference))
		h.Provider.Decide(held.ID, "declined")
		h.becomes(reference, "canceled")
	}
	reference, held := h.pending()
	e := h.Provider.SendEvent(fakeprovider.Announcement{Key: h.key(other), Type: authorizedEvent, Reference: reference})
	require.Equal(h.t, "differs", h.handled(e.ID), "another checkout's payment")
	require.Equal(h.t, "unknown", h.attempt(reference))
	h.Provider.Decide(held.ID, "declined")
	h.becomes(reference, "canceled")
	h.once(other)
}

func replayed(h house) {
	reference, held := h.pending()
	h.Provider.Decide(held.ID, "authorized")
	h.becomes(reference, "completed")
	h.once(reference)
	event := h.text(`SELECT event_id FROM payments.provider_events WHERE outcome = 'applied' AND convert_from(body, 'UTF8') LIKE '%' || $1 || '%'`, held.ID)
	body := h.text(`SELECT convert_from(body, 'UTF8') FROM payments.provider_events WHERE event_id = $1`, event)
	require.True(h.t, json.Valid([]byte(body)))
	events := h.Int(`SELECT count(*) FROM payments.outbox_events`)

	for _, age := range []time.Duration{time.Hour, 30 * 24 * time.Hour} {
		answer := h.post(1, body, h.Provider.Signed(event, time.Now().Add(-age), []byte(body))...)
		require.Equal(h.t, http.StatusUnauthorized, answer.Status)
	}
	require.Equal(h.t, http.StatusNoContent, h.post(1, body, h.Provider.Signed(event, time.Now(), []byte(body))...).Status, "sent again: known")
	renamed := h.Provider.Signed("evt_renamed", time.Now(), []byte(body))
	require.Equal(h.t, http.StatusNoContent, h.post(1, body, renamed...).Status)
	require.Equal(h.t, "ignored", h.handled("evt_renamed"), "and under another name it tells nothing new")

	require.Equal(h.t, events, h.Int(`SELECT count(*) FROM payments.outbox_events`))
	h.once(reference)
}
