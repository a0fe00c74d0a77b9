package paying_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

// bank is a provider that keeps books, and whose answers get lost as a test wants.
type bank struct {
	scripted
	held map[string]*attempt.Word // by key of the authorization
	done map[string]error         // by key of everything else
	told []attempt.Word
	// decides is what a new authorization becomes. deaf loses questions, mute loses answers.
	decides    string
	deaf, mute bool
}

func (k *bank) say(w *attempt.Word) (attempt.Word, error) {
	if k.mute || w == nil {
		return timesOut()
	}
	return *w, nil
}

func (k *bank) Authorize(_ context.Context, req paying.Authorization) (attempt.Word, error) {
	if k.deaf {
		return timesOut()
	}
	if k.held[req.Key] == nil {
		w := about(req.Reference, k.decides)
		k.held[req.Key] = &w
		k.told = append(k.told, w)
	}
	return k.say(k.held[req.Key])
}

func (k *bank) Find(_ context.Context, req paying.Lookup) (attempt.Word, error) {
	if k.deaf {
		return timesOut()
	}
	if k.held[req.Key] == nil {
		return attempt.Word{}, paying.ErrNothingThere
	}
	return k.say(k.held[req.Key])
}

func (k *bank) Void(_ context.Context, req paying.Voiding) (attempt.Word, error) {
	w := k.held[req.Authorization]
	switch {
	case k.deaf || w == nil:
		return timesOut()
	case w.Captured > 0:
		return attempt.Word{}, &paying.Refusal{Code: paying.RefusedState}
	}
	if w.Status != attempt.SaysDeclined && w.Status != attempt.SaysExpired {
		w.Status = attempt.SaysVoided
		k.told = append(k.told, *w)
	}
	return k.say(w)
}

func (k *bank) Capture(_ context.Context, req paying.Transfer) error {
	return k.transfer(req, func(w *attempt.Word) error {
		if w.Status != attempt.SaysAuthorized || w.Captured+req.Amount.Minor() > w.Amount {
			return &paying.Refusal{Code: paying.RefusedExceeds}
		}
		w.Captured += req.Amount.Minor()
		return nil
	})
}

func (k *bank) Refund(_ context.Context, req paying.Transfer) error {
	return k.transfer(req, func(w *attempt.Word) error {
		if w.Refunded+req.Amount.Minor() > w.Captured {
			return &paying.Refusal{Code: paying.RefusedExceeds}
		}
		w.Refunded += req.Amount.Minor()
		return nil
	})
}

func (k *bank) transfer(req paying.Transfer, do func(*attempt.Word) error) error {
	if k.deaf {
		return errTimeout
	}
	w := k.held[req.Authorization]
	if _, known := k.done[req.Key]; !known {
		k.done[req.Key] = do(w)
		k.told = append(k.told, *w)
	}
	if k.mute {
		return errTimeout
	}
	return k.done[req.Key]
}

// edges are those that commerce.md draws for a payment attempt; a commit may take several.
func edges() map[string][]string {
	return map[string][]string{
		"":                {"submitted", "voided"},
		"submitted":       {"authorized", "action_required", "declined", "unknown"},
		"action_required": {"authorized", "declined", "expired", "unknown"},
		"unknown":         {"authorized", "action_required", "declined", "expired"},
		"authorized":      {"captured", "void_pending", "expired"},
		"void_pending":    {"voided"},
	}
}

func reachable(from, to string, seen ...string) bool {
	further := func(next string) bool { return reachable(next, to, append(seen, from)...) }
	return from == to || !slices.Contains(seen, from) && slices.ContainsFunc(edges()[from], further)
}

// run is one history of one attempt.
type run struct {
	*rapid.T
	b         bench
	bank      *bank
	service   *paying.Payments
	worker    *paying.Worker
	reference string
	status    string
	events    int
}

func (r *run) actions() map[string]func() {
	ctx := context.Background()
	one := money.MustNew(40, "EUR")
	return map[string]func(){
		"authorize": func() {
			req := request()
			req.Reference = r.reference
			_, _ = r.service.Authorize(ctx, req)
		},
		"void": func() { _, _ = r.service.Void(ctx, payments.VoidRequest{Reference: r.reference}) },
		"capture": func() {
			_, _ = r.service.Capture(ctx, payments.CaptureRequest{Reference: r.reference, Key: fmt.Sprint("c", r.events%2), Amount: &one})
		},
		"capture rest": func() { _, _ = r.service.Capture(ctx, payments.CaptureRequest{Reference: r.reference, Key: "rest"}) },
		"refund":       func() { _, _ = r.service.Refund(ctx, payments.RefundRequest{Reference: r.reference, Key: "back"}) },
		"wait":         func() { r.wait("2 minutes") },
		"wait long":    func() { r.wait("21 hours") },
		"approve":      func() { r.decide(attempt.SaysAuthorized) },
		"decline":      func() { r.decide(attempt.SaysDeclined) },
		"expire":       func() { r.decide(attempt.SaysExpired) },
		"old event":    r.tell,
	}
}

// decide settles what the bank has not decided.
func (r *run) decide(as string) {
	for _, w := range r.bank.held {
		if w.Status == attempt.SaysPending || w.Status == attempt.SaysActionRequired {
			w.Status = as
			r.bank.told = append(r.bank.told, *w)
		}
	}
}

// tell sends an event of anything the bank ever did, again or for the first time.
func (r *run) tell() {
	if len(r.bank.told) == 0 {
		return
	}
	body, err := json.Marshal(rapid.SampledFrom(r.bank.told).Draw(r.T, "event"))
	require.NoError(r, err)
	r.events++
	id := fmt.Sprint("evt_", r.reference, r.events)
	_, err = r.b.store.Receive(context.Background(), paying.Event{Provider: "scripted", ID: id, Body: body}, time.Now().Unix(), time.Hour)
	require.NoError(r, err)
	_, _ = r.worker.Work(context.Background())
}

func (r *run) wait(by string) {
	_, err := r.b.db.Admin().Exec(context.Background(), `UPDATE payments.attempts SET created_at = created_at - $2::interval,
		asking_until = now() - interval '1 minute', next_ask_at = now() WHERE reference = $1`, r.reference, by)
	require.NoError(r, err)
	_, err = r.b.db.Admin().Exec(context.Background(), `UPDATE payments.movements SET next_try_at = now() WHERE reference = $1`, r.reference)
	require.NoError(r, err)
	_, err = r.b.db.Admin().Exec(context.Background(), `UPDATE payments.provider_events SET next_try_at = now() WHERE event_id LIKE $1`, "evt_"+r.reference+"%")
	require.NoError(r, err)
	_, _ = r.worker.Work(context.Background())
}

// check holds after every step: only drawn edges were taken.
func (r *run) check(action string) {
	a, err := r.b.store.Attempt(context.Background(), r.reference)
	if err == nil {
		require.True(r, reachable(r.status, a.Status), "%s led from %q to %q", action, r.status, a.Status)
		r.status = a.Status
	}
}

// settle lets everybody speak and time pass, and compares the books.
func (r *run) settle() {
	r.bank.deaf, r.bank.mute = false, false
	for range 4 {
		r.decide(attempt.SaysDeclined)
		r.wait("21 hours")
	}
	r.check("the end")
	violations, err := r.b.store.Verify(context.Background())
	require.NoError(r, err)
	require.Empty(r, violations)
	a, err := r.b.store.Attempt(context.Background(), r.reference)
	if err != nil {
		return
	}
	require.False(r, a.Unsettled(), "left %s", a.Status)
	require.False(r, a.Undone(), "money is still to be given back")
	require.Zero(r, a.Capturing+a.Refunding)
	held := r.bank.held[a.ID]
	if held == nil {
		require.Zero(r, a.Captured)
		return
	}
	require.Equal(r, [2]int64{held.Captured, held.Refunded}, [2]int64{a.Captured, a.Refunded}, "the bank's books and ours")
	wanted := a.Status == payments.StatusAuthorized || a.Status == payments.StatusCaptured
	require.Equal(r, wanted, held.Status == attempt.SaysAuthorized, "we say %s, the bank %s", a.Status, held.Status)
}

func TestC21AnyHistoryTakesDrawnEdgesAndEndsWithEqualBooks(t *testing.T) {
	b := open(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		k := &bank{held: map[string]*attempt.Word{}, done: map[string]error{}}
		service := paying.New(b.store, []paying.Method{{Method: payments.Method{Code: "scripted"}, Provider: k}}, newID(n), time.Second)
		r := &run{T: t, b: b, bank: k, service: service, worker: paying.NewWorker(service, b.store), reference: fmt.Sprint("co_", n)}
		actions := r.actions()
		names := []string{"authorize", "void", "void", "capture", "capture rest", "refund", "wait", "wait long", "approve", "decline", "expire",
			"old event", "old event", "old event"}
		first := rapid.SampledFrom([]string{"authorize", "authorize", "authorize", "void"}).Draw(t, "first")
		for step := range rapid.IntRange(2, 12).Draw(t, "steps") {
			action := first
			if step > 0 {
				action = rapid.SampledFrom(names).Draw(t, "action")
			}
			k.decides = rapid.SampledFrom([]string{attempt.SaysAuthorized, attempt.SaysAuthorized, attempt.SaysPending, attempt.SaysActionRequired, attempt.SaysDeclined}).Draw(t, "decides")
			k.deaf, k.mute = rapid.IntRange(0, 3).Draw(t, "deaf") == 0, rapid.IntRange(0, 3).Draw(t, "mute") == 0
			actions[action]()
			r.check(action)
		}
		r.settle()
	})
}

// newID makes ids that differ between runs and are the same when a run is repeated.
func newID(run int) func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("00000000-0000-7000-8000-%06d%06d", run, n)
	}
}
