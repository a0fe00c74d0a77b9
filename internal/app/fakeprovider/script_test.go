package fakeprovider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
)

func TestAScriptedStatusDoesNothing(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", Status: http.StatusTooManyRequests, RetryAfter: 7, Times: 2})

	first, second, third := b.authorize("k", "tok_success"), b.authorize("k", "tok_success"), b.authorize("k", "tok_success")

	require.Equal(t, []int{429, 429, 201}, []int{first.status, second.status, third.status})
	require.Equal(t, "7", first.header.Get("Retry-After"))
	require.Empty(t, third.header.Get("Idempotency-Replayed"))
	require.Len(t, b.entries(), 1)
}

func TestADroppedAnswerIsThereOnTheNextTry(t *testing.T) {
	b := openBank(t)
	id := b.authorize("k", "tok_success").ID
	b.script(fakeprovider.Rule{Op: "capture", Nth: 1, DropAnswer: true}, fakeprovider.Rule{Op: "capture", Nth: 2, Malformed: true})

	_, err := b.try(http.MethodPost, "/v1/authorizations/"+id+"/captures", "c", euros(1000))
	garbled := b.act(id, "captures", "c", euros(1000))
	whole := b.act(id, "captures", "c", euros(1000))

	require.Error(t, err)
	require.NotContains(t, garbled.raw, "}")
	require.Equal(t, http.StatusCreated, whole.status)
	require.Equal(t, "true", whole.header.Get("Idempotency-Replayed"))
	require.Equal(t, []string{"authorize", "capture"}, b.operations())
}

func TestDelayedWorkIsDoneForACallerWhoHasLeft(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", DelayMS: 200})
	b.client.Timeout = 50 * time.Millisecond
	_, err := b.try(http.MethodPost, "/v1/authorizations", "k", wants("tok_success"))
	b.client.Timeout = limit

	require.Error(t, err)
	require.Empty(t, b.entries(), "not yet")
	require.Eventually(t, func() bool { return len(b.entries()) == 1 }, limit, often)
}

func TestADelayedAnswerComesAfterTheWork(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", AnswerDelayMS: 60_000})
	answered := make(chan error, 1)
	go func() {
		_, err := b.try(http.MethodPost, "/v1/authorizations", "k", wants("tok_success"))
		answered <- err
	}()

	require.Eventually(t, func() bool { return len(b.entries()) == 1 }, limit, often)
	require.Empty(t, answered)
	b.stop()
	<-answered
	b.start()
}

func TestOneThatHangsDoesNothingAndOthersGoOn(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", Token: "tok_pending", Hang: true})
	b.client.Timeout = 50 * time.Millisecond
	_, err := b.try(http.MethodPost, "/v1/authorizations", "k", wants("tok_pending"))
	b.client.Timeout = limit

	require.Error(t, err)
	require.Equal(t, http.StatusCreated, b.authorize("l", "tok_success").status)
	require.Len(t, b.entries(), 1)
}

func TestAWrongAmountIsInTheJournalToo(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", WrongAmount: -1, Times: 1}, fakeprovider.Rule{Op: "authorize", WrongCurrency: "USD", Times: 1})

	less, dollars := b.authorize("k", "tok_success"), b.authorize("l", "tok_success")

	require.EqualValues(t, 999, less.Amount)
	require.Equal(t, "USD", dollars.Currency)
	require.EqualValues(t, 999, b.entries()[0].Amount)
	require.Equal(t, "USD", b.entries()[1].Currency)
	require.Equal(t, less.raw, b.authorize("k", "tok_success").raw, "the same request gets the same wrong answer")
}

func TestAMisspelledRuleIsRefusedAndAClearedScriptIsOver(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Status: http.StatusInternalServerError})
	require.Equal(t, http.StatusInternalServerError, b.authorize("k", "tok_success").status)
	require.Equal(t, http.StatusInternalServerError, b.send(http.MethodGet, "/v1/authorizations?key=k", "", nil).status)

	misspelled := b.send(http.MethodPut, "/control/script", "", object{"rules": []object{{"dealy_ms": 1}}})
	cleared := b.send(http.MethodDelete, "/control/script", "", nil)

	require.Equal(t, http.StatusBadRequest, misspelled.status)
	require.Equal(t, http.StatusNoContent, cleared.status)
	require.Equal(t, http.StatusCreated, b.authorize("k", "tok_success").status)
}
