// Package paymentstest is for tests: a payments.Service in memory, and the contract that every implementation passes.
package paymentstest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/payments/internal/providers"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// NewFake returns a payments.Service that lives in memory: the rules and use cases of the module over maps instead of
// tables. It announces nothing.
func NewFake() payments.Service {
	store := memory{mu: new(sync.Mutex), tables: &tables{attempts: map[string]attempt.Attempt{}, asking: map[string]bool{}}}
	return paying.New(store, providers.Methods(providers.Fake{}), ids.New, time.Second)
}

// tables holds attempts by reference, those that somebody asks for, and movements in the order they were made.
type tables struct {
	attempts  map[string]attempt.Attempt
	asking    map[string]bool
	movements []attempt.Movement
}

// memory implements paying.Store. The one handed into a transaction works under the lock that InTx holds.
type memory struct {
	mu     *sync.Mutex
	tables *tables
	inTx   bool
}

func (m memory) lock() (unlock func()) {
	if m.inTx {
		return func() {}
	}
	m.mu.Lock()
	return m.mu.Unlock
}

func (m memory) InTx(_ context.Context, do func(tx paying.Store) error) error {
	defer m.lock()()
	before := tables{attempts: maps.Clone(m.tables.attempts), asking: maps.Clone(m.tables.asking), movements: slices.Clone(m.tables.movements)}
	err := do(memory{mu: m.mu, tables: m.tables, inTx: true})
	if err != nil {
		*m.tables = before
	}
	return err
}

func (m memory) Insert(_ context.Context, a attempt.Attempt, _ time.Duration) (bool, error) {
	defer m.lock()()
	if _, taken := m.tables.attempts[a.Reference]; taken {
		return false, nil
	}
	m.tables.attempts[a.Reference], m.tables.asking[a.Reference] = a, true
	return true, nil
}

func (m memory) Claim(_ context.Context, reference string, _, _ time.Duration) (attempt.Attempt, bool, error) {
	defer m.lock()()
	a := m.tables.attempts[reference]
	if !a.Unsettled() || m.tables.asking[reference] {
		return a, false, nil
	}
	m.tables.asking[reference] = true
	return a, true, nil
}

func (m memory) GiveUp(_ context.Context, reference string) (attempt.Attempt, bool, error) {
	defer m.lock()()
	a := m.tables.attempts[reference]
	if !a.Unsettled() {
		return a, false, nil
	}
	a.GivenUp = true
	m.tables.attempts[reference] = a
	return a, true, nil
}

func (m memory) Attempt(_ context.Context, reference string) (attempt.Attempt, error) {
	defer m.lock()()
	a, ok := m.tables.attempts[reference]
	if !ok {
		return attempt.Attempt{}, payments.ErrNotFound
	}
	return a, nil
}

func (m memory) Lock(ctx context.Context, reference string) (attempt.Attempt, error) {
	return m.Attempt(ctx, reference)
}

func (m memory) Save(_ context.Context, a attempt.Attempt, _ time.Duration) error {
	defer m.lock()()
	m.tables.attempts[a.Reference], m.tables.asking[a.Reference] = a, false
	return nil
}

func (m memory) Reserve(_ context.Context, wanted *attempt.Movement, from []string) (bool, error) {
	defer m.lock()()
	if slices.ContainsFunc(m.tables.movements, func(other attempt.Movement) bool {
		return other.Reference == wanted.Reference && other.Kind == wanted.Kind && other.Key == wanted.Key
	}) {
		return false, paying.ErrKeyTaken
	}
	a := m.tables.attempts[wanted.Reference]
	left, promised := a.Captured-a.Refunded-a.Refunding, &a.Refunding
	if wanted.Kind == attempt.KindCapture {
		left, promised = a.Authorized-a.Captured-a.Capturing, &a.Capturing
	}
	if !slices.Contains(from, a.Status) || wanted.Amount > left {
		return false, nil
	}
	*promised += wanted.Amount
	m.tables.attempts[a.Reference] = a
	wanted.CreatedAt = time.Unix(int64(len(m.tables.movements)), 0).UTC()
	m.tables.movements = append(m.tables.movements, *wanted)
	return true, nil
}

func (m memory) Movement(_ context.Context, reference, kind, key string) (attempt.Movement, error) {
	defer m.lock()()
	for _, found := range m.tables.movements {
		if found.Reference == reference && found.Kind == kind && found.Key == key {
			return found, nil
		}
	}
	return attempt.Movement{}, paying.ErrNoMovement
}

func (m memory) Movements(_ context.Context, reference string) ([]attempt.Movement, error) {
	defer m.lock()()
	return slices.DeleteFunc(slices.Clone(m.tables.movements), func(found attempt.Movement) bool {
		return found.Reference != reference || !found.Done
	}), nil
}

func (m memory) MarkDone(_ context.Context, movementID string) (bool, error) {
	defer m.lock()()
	for i, found := range m.tables.movements {
		if found.ID == movementID {
			m.tables.movements[i].Done = true
			return !found.Done, nil
		}
	}
	return false, nil
}

func (m memory) MarkRefused(_ context.Context, movementID, code string) (bool, error) {
	defer m.lock()()
	for i, found := range m.tables.movements {
		if found.ID == movementID {
			m.tables.movements[i].Refusal = code
			return found.Refusal == "", nil
		}
	}
	return false, nil
}

func (memory) Open(context.Context, paying.Review) (bool, error) { return true, nil }

func (memory) Post(context.Context, attempt.Movement, string, []attempt.Entry) error { return nil }

func (memory) Announce(context.Context, attempt.Attempt, outbox.Event) error { return nil }
