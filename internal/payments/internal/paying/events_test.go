package paying_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

func TestF15AnEventThatIsFasterThanTheAnswerDecides(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (attempt.Word, error) {
		b.tell(t, "evt_1", says(attempt.SaysAuthorized))
		return attempt.Word{}, errTimeout
	}

	b.authorize(t, payments.StatusAuthorized)

	require.Equal(t, "applied", b.outcome(t, "evt_1"))
	require.Equal(t, "attempt_changed authorized", b.events(t))
}

func TestF15AnEventAboutNothingWaitsForIt(t *testing.T) {
	b := open(t)
	b.tell(t, "evt_1", says(attempt.SaysAuthorized))
	require.Empty(t, b.outcome(t, "evt_1"))
	b.provider.authorize = timesOut
	b.authorize(t, payments.StatusUnknown)

	b.age(t, "5 seconds")
	b.work(t)

	require.Equal(t, "applied", b.outcome(t, "evt_1"))
	require.Contains(t, b.row(t), "authorized")
}

func TestAnEventThatStaysAboutNothingIsLeftToAPerson(t *testing.T) {
	b := open(t)
	b.tell(t, "evt_1", says(attempt.SaysAuthorized))

	b.age(t, "25 hours")
	b.work(t)

	require.Equal(t, "unmatched", b.outcome(t, "evt_1"))
	require.Equal(t, "event_unmatched", b.reviews(t))
}

func TestF16TwentyCopiesOfAnEventHaveOneEffect(t *testing.T) {
	b := lost(t)
	body, err := json.Marshal(says(attempt.SaysAuthorized))
	require.NoError(t, err)

	var copies sync.WaitGroup
	for range 20 {
		copies.Go(func() {
			_, _ = b.store.Receive(t.Context(), paying.Event{Provider: "scripted", ID: "evt_1", Body: body}, time.Now().Unix(), time.Hour)
			_, _ = b.worker.Work(t.Context())
		})
	}
	copies.Wait()
	b.work(t)

	require.Equal(t, "1", b.text(t, `SELECT count(*)::text FROM payments.provider_events`))
	require.Equal(t, "applied", b.outcome(t, "evt_1"))
	require.Equal(t, "attempt_changed authorized", b.events(t))
}

func TestS21AnEventThatContradictsChangesNothing(t *testing.T) {
	for name, spoil := range map[string]func(*attempt.Word){
		"amount":        func(w *attempt.Word) { w.Amount-- },
		"currency":      func(w *attempt.Word) { w.Currency = "USD" },
		"account":       func(w *attempt.Word) { w.Foreign = "account" },
		"mode":          func(w *attempt.Word) { w.Foreign = "mode" },
		"authorization": func(w *attempt.Word) { w.ID = "auth_2" },
		"captured":      func(w *attempt.Word) { w.Captured = 100 },
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.provider.authorize = word(says(attempt.SaysPending))
			b.authorize(t, payments.StatusUnknown)
			w := says(attempt.SaysAuthorized)
			spoil(&w)

			b.tell(t, "evt_1", w)

			require.Contains(t, b.row(t), "unknown")
			require.Equal(t, "differs", b.outcome(t, "evt_1"))
			require.Equal(t, "provider_differs "+name, b.reviews(t))
			require.Empty(t, b.events(t))
		})
	}
}

func TestS21AnEventOfOneCheckoutIsNothingToAnother(t *testing.T) {
	b := lost(t)
	other := request()
	other.Reference = "co_2"
	mixed := says(attempt.SaysAuthorized)
	mixed.Reference, mixed.ID = "co_2", "auth_2"
	b.provider.authorize = word(mixed)
	_, err := b.Authorize(t.Context(), other)
	require.NoError(t, err)
	mixed.Reference = "co_1"

	b.tell(t, "evt_1", mixed)

	require.Contains(t, b.row(t), "unknown")
	require.Equal(t, "provider_differs reference", b.reviews(t))
}

func TestAnEventThatCannotBeReadIsLeftToAPerson(t *testing.T) {
	b := open(t)
	_, err := b.store.Receive(t.Context(), paying.Event{Provider: "scripted", ID: "evt_1", Body: []byte("\x00not JSON")}, time.Now().Unix(), time.Hour)
	require.NoError(t, err)

	b.work(t)

	require.Equal(t, "unreadable", b.outcome(t, "evt_1"))
	require.Equal(t, "event_unreadable", b.reviews(t))
}

func TestF12AnEventIsTimelyByTheDatabasesClockAlone(t *testing.T) {
	b := open(t)
	for offset, want := range map[time.Duration]bool{0: true, -4 * time.Minute: true, 4 * time.Minute: true, -6 * time.Minute: false,
		6 * time.Minute: false, -30 * 24 * time.Hour: false} {
		timely, err := b.store.Receive(t.Context(), paying.Event{Provider: "scripted", ID: fmt.Sprint(offset), Body: []byte("{}")},
			time.Now().Add(offset).Unix(), 5*time.Minute)

		require.NoError(t, err)
		require.Equal(t, want, timely, offset)
	}
	timely, err := b.store.Receive(t.Context(), paying.Event{Provider: "scripted", ID: "far", Body: []byte("{}")}, 1<<62, 5*time.Minute)
	require.NoError(t, err)
	require.False(t, timely)
	require.Equal(t, "3", b.text(t, `SELECT count(*)::text FROM payments.provider_events`))
	b.work(t)
}

func TestHandledEventsAreForgottenAfterTheirTime(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.tell(t, "evt_1", says(attempt.SaysAuthorized))

	require.NoError(t, b.store.ForgetEvents(t.Context(), time.Hour))
	require.Equal(t, "ignored", b.outcome(t, "evt_1"))
	require.NoError(t, b.store.ForgetEvents(t.Context(), -time.Hour))
	require.Equal(t, "0", b.text(t, `SELECT count(*)::text FROM payments.provider_events`))
}

func TestF17LateMoneyForAPaymentThatHasEndedGoesBack(t *testing.T) {
	for name, end := range map[string]func(bench){
		"expired": func(b bench) {
			b.provider.find = nil
			b.age(t, "21 hours")
			b.work(t)
		},
		"voided before it was known": func(b bench) { b.void(t, payments.StatusVoided) },
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			if name == "expired" {
				b = lost(t)
			}
			end(b)
			b.provider.find = word(says(attempt.SaysAuthorized))

			b.tell(t, "evt_1", says(attempt.SaysAuthorized))
			b.tell(t, "evt_2", says(attempt.SaysAuthorized))

			require.Contains(t, b.events(t), "late_payment_refunded void")
			require.NotEmpty(t, b.provider.voided)
			require.Equal(t, "applied", b.outcome(t, "evt_1"))
			require.Equal(t, "100 EUR", b.text(t, `SELECT concat(payload->'amount'->>'amount', ' ', payload->'amount'->>'currency')
				FROM payments.outbox_events WHERE name LIKE '%late%' LIMIT 1`))
		})
	}
}

func TestF17LateMoneyIsGivenBackThoughTheProviderIsSlow(t *testing.T) {
	b := open(t)
	b.void(t, payments.StatusVoided)
	b.provider.find, b.provider.void = word(says(attempt.SaysAuthorized)), timesOut
	b.tell(t, "evt_1", says(attempt.SaysAuthorized))
	require.Empty(t, b.events(t))
	b.provider.void = nil

	b.age(t, "1 minute")
	b.work(t)

	require.Equal(t, "late_payment_refunded void", b.events(t))
	require.Equal(t, b.provider.voided[0], b.provider.voided[1])
}

func TestAnOldEventOfMoneyThatWasGivenBackChangesNothing(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.void(t, payments.StatusVoided)
	b.provider.find = word(says(attempt.SaysVoided))

	b.tell(t, "evt_1", says(attempt.SaysAuthorized))

	require.Len(t, b.provider.voided, 1)
	require.NotContains(t, b.events(t), "late")
}

func TestLateMoneyThatSomebodyCapturedForAnEndedPaymentIsLeftToAPerson(t *testing.T) {
	b := open(t)
	b.void(t, payments.StatusVoided)
	taken := says(attempt.SaysAuthorized)
	taken.Captured = 100
	b.provider.find = word(taken)

	b.tell(t, "evt_1", taken)

	require.Equal(t, "late_capture", b.reviews(t))
	require.Empty(t, b.provider.voided)
}
