package paying_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

// about is a word on the attempt of a reference.
func about(reference, status string) attempt.Word {
	w := says(status)
	w.Reference, w.ID = reference, "auth_"+reference
	return w
}

// put makes an attempt in a state, by the ways that lead there.
func (b bench) put(t *testing.T, reference, status string) {
	t.Helper()
	if status == payments.StatusVoided {
		_, err := b.Void(t.Context(), payments.VoidRequest{Reference: reference})
		require.NoError(t, err)
		return
	}
	req := request()
	req.Reference = reference
	said := map[string]string{payments.StatusActionRequired: attempt.SaysActionRequired, payments.StatusUnknown: attempt.SaysPending,
		payments.StatusDeclined: attempt.SaysDeclined, payments.StatusExpired: attempt.SaysExpired}[status]
	if said == "" {
		said = attempt.SaysAuthorized
	}
	b.provider.authorize = word(about(reference, said))
	if status == payments.StatusSubmitted {
		inserted, err := b.store.Insert(t.Context(), attempt.New(reference[3:], req), 0)
		require.NoError(t, err)
		require.True(t, inserted)
		return
	}
	_, err := b.Authorize(t.Context(), req)
	require.NoError(t, err)
	switch status {
	case payments.StatusCaptured:
		_, err = b.Capture(t.Context(), payments.CaptureRequest{Reference: reference, Key: "all"})
	case payments.StatusVoidPending:
		b.provider.void = timesOut
		_, err = b.Void(t.Context(), payments.VoidRequest{Reference: reference})
		b.provider.void = nil
	}
	require.NoError(t, err)
}

func (b bench) status(t *testing.T, reference string) string {
	t.Helper()
	a, err := b.Attempt(t.Context(), payments.AttemptRequest{Reference: reference})
	require.NoError(t, err)
	return a.Status
}

func storedStates() []string {
	return []string{payments.StatusSubmitted, payments.StatusActionRequired, payments.StatusUnknown, payments.StatusAuthorized,
		payments.StatusCaptured, payments.StatusVoidPending, payments.StatusDeclined, payments.StatusVoided, payments.StatusExpired}
}

// referenceOf is one whose part after "co_" is a UUID, which becomes the attempt's id where a test inserts it.
func referenceOf(n int) string { return fmt.Sprintf("co_00000000-0000-7000-8000-%012d", n) }

func TestC21EveryEventInEveryStateIsStoredAndOnlyTheDrawnEdgesAreTaken(t *testing.T) {
	b := open(t)
	words := []string{attempt.SaysAuthorized, attempt.SaysActionRequired, attempt.SaysDeclined, attempt.SaysPending, attempt.SaysExpired, attempt.SaysVoided}
	n := 0
	for _, status := range storedStates() {
		for _, said := range words {
			n++
			reference := referenceOf(n)
			t.Run(status+" is told "+said, func(t *testing.T) {
				b.put(t, reference, status)
				require.Equal(t, status, b.status(t, reference))
				w := about(reference, said)
				b.provider.find = word(about(reference, attempt.SaysVoided))
				body, err := json.Marshal(w)
				require.NoError(t, err)
				id := fmt.Sprint("evt_", reference)
				_, err = b.store.Receive(t.Context(), paying.Event{Provider: "scripted", ID: id, Body: body}, time.Now().Unix(), time.Hour)
				require.NoError(t, err)
				before, err := b.store.Attempt(t.Context(), reference)
				require.NoError(t, err)

				require.NoError(t, b.Handle(t.Context(), b.store, paying.Event{Provider: "scripted", ID: id, Body: body}))

				want, err := before.Hear(w)
				if err != nil {
					want = before
				}
				require.Equal(t, want.Status, b.status(t, reference))
				wanted := "ignored"
				if want.Status != status || errors.Is(err, attempt.ErrLate) {
					wanted = "applied"
				}
				require.Equal(t, wanted, b.outcome(t, id))
			})
		}
	}
}

func TestC21EveryCallInEveryState(t *testing.T) {
	b := open(t)
	ctx := context.Background()
	calls := map[string]func(reference string) error{
		"authorize": func(reference string) error {
			req := request()
			req.Reference = reference
			_, err := b.Authorize(ctx, req)
			return err
		},
		"capture": func(reference string) error {
			_, err := b.Capture(ctx, payments.CaptureRequest{Reference: reference, Key: "k"})
			return err
		},
		"refund": func(reference string) error {
			_, err := b.Refund(ctx, payments.RefundRequest{Reference: reference, Key: "k"})
			return err
		},
		"void": func(reference string) error {
			_, err := b.Void(ctx, payments.VoidRequest{Reference: reference})
			return err
		},
	}
	closed, state, too, back := payments.ErrReferenceClosed, payments.ErrIllegalTransition, payments.ErrCaptureExceeds, payments.ErrRefundExceeds
	// What each call answers, nil for success, and the state after it. The provider still has not decided when it is asked.
	table := map[string]map[string]struct {
		err   error
		after string
	}{
		"authorize": {"submitted": {nil, "unknown"}, "action_required": {nil, "unknown"}, "unknown": {nil, "unknown"}, "authorized": {nil, "authorized"},
			"captured": {nil, "captured"}, "void_pending": {closed, "void_pending"}, "declined": {nil, "declined"}, "voided": {closed, "voided"}, "expired": {nil, "expired"}},
		"capture": {"submitted": {state, "submitted"}, "action_required": {state, "action_required"}, "unknown": {state, "unknown"}, "authorized": {nil, "captured"},
			"captured": {too, "captured"}, "void_pending": {state, "void_pending"}, "declined": {state, "declined"}, "voided": {state, "voided"}, "expired": {state, "expired"}},
		"refund": {"submitted": {state, "submitted"}, "action_required": {state, "action_required"}, "unknown": {state, "unknown"}, "authorized": {back, "authorized"},
			"captured": {nil, "captured"}, "void_pending": {state, "void_pending"}, "declined": {state, "declined"}, "voided": {state, "voided"}, "expired": {state, "expired"}},
		"void": {"submitted": {nil, "expired"}, "action_required": {nil, "expired"}, "unknown": {nil, "expired"}, "authorized": {nil, "voided"},
			"captured": {state, "captured"}, "void_pending": {nil, "voided"}, "declined": {nil, "declined"}, "voided": {nil, "voided"}, "expired": {nil, "expired"}},
	}
	n := 1000
	for name, call := range calls {
		for _, status := range storedStates() {
			n++
			reference := referenceOf(n)
			t.Run(status+" and "+name, func(t *testing.T) {
				b.put(t, reference, status)
				b.age(t, "3 seconds")
				pending := word(about(reference, attempt.SaysPending))
				b.provider.find, b.provider.authorize, b.provider.void = pending, pending, word(about(reference, attempt.SaysVoided))

				err := call(reference)

				want := table[name][status]
				require.ErrorIs(t, err, want.err)
				require.Equal(t, want.after, b.status(t, reference))
			})
		}
	}
}
