package fakeprovider

import (
	"slices"
	"sync"
	"time"
)

// book is what the provider knows. All of it follows from the journal.
type book struct {
	account string
	now     func() time.Time
	newID   func(prefix string) string

	mu             sync.Mutex
	journal        *journal
	entries        []Entry
	authorizations map[string]Authorization
	made           map[string]string // id of an authorization by the key it was made with
	answers        map[string]remembered
}

// remembered is what was answered to a key, and the hash of what was asked.
type remembered struct {
	request string
	outcome outcome
}

// outcome is what an operation answers: the authorization afterwards and, when money moved, the movement.
type outcome struct {
	authorization Authorization
	movement      *Movement
	// changed is the operation's entry, nil when it took no effect now.
	changed  *Entry
	replayed bool
}

// order is a request to change something.
type order struct {
	op, key, request string
	authorization    string // empty for a new one
	reference        string
	amount           int64
	currency         string
	token, returnURL string
}

func (b *book) load(entries []Entry) {
	for _, e := range entries {
		b.apply(e)
	}
}

// carryOut does what is ordered, once per key. Errors: problem, or the journal's.
func (b *book) carryOut(o order) (outcome, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if before, ok := b.answers[o.key]; ok && o.key != "" {
		if before.request != o.request {
			return outcome{}, errKeyReused()
		}
		again := before.outcome
		again.changed, again.replayed = nil, true
		return again, nil
	}
	held, known := b.authorizations[o.authorization]
	if !known && o.op != OpAuthorize {
		return outcome{}, errNotFound()
	}
	entry, err := b.decide(o, held)
	if err != nil {
		return outcome{}, err
	}
	if entry.Status == "" {
		return outcome{authorization: held}, nil
	}
	return b.record(entry)
}

// record writes the entry before it becomes true, so that nobody is answered what a restart would forget.
func (b *book) record(e Entry) (outcome, error) {
	e.Seq, e.At = int64(len(b.entries))+1, b.now().UTC()
	if err := b.journal.append(e); err != nil {
		return outcome{}, err
	}
	return b.apply(e), nil
}

// apply makes an entry true. It decides nothing.
func (b *book) apply(e Entry) outcome {
	a := b.authorizations[e.Authorization]
	done := outcome{changed: &e}
	switch e.Op {
	case OpAuthorize:
		a = Authorization{ID: e.ID, Account: b.account, Mode: mode, Reference: e.Reference, Amount: e.Amount, Currency: e.Currency,
			Status: e.Status, DeclineCode: e.DeclineCode, ExpiresAt: e.ExpiresAt, token: e.Token, returnURL: e.ReturnURL}
		b.made[e.Key] = e.ID
	case OpCapture:
		a.Captured += e.Amount
	case OpRefund:
		a.Refunded += e.Amount
	default:
		a.Status, a.DeclineCode = e.Status, e.DeclineCode
	}
	if e.Op == OpCapture || e.Op == OpRefund {
		done.movement = &Movement{ID: e.ID, Authorization: a.ID, Amount: e.Amount, Currency: e.Currency, Status: e.Status}
	}
	done.authorization = a
	b.authorizations[a.ID] = a
	b.entries = append(b.entries, e)
	if e.Key != "" {
		b.answers[e.Key] = remembered{request: e.Request, outcome: done}
	}
	return done
}

func (b *book) find(id string) (Authorization, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.authorizations[id]
	return a, ok
}

func (b *book) findByKey(key string) (Authorization, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.authorizations[b.made[key]]
	return a, ok
}

// lastMovement is the newest one of a kind.
func (b *book) lastMovement(op, authorization string) *Movement {
	for _, e := range slices.Backward(b.all()) {
		if e.Op == op && e.Authorization == authorization {
			return &Movement{ID: e.ID, Authorization: e.Authorization, Amount: e.Amount, Currency: e.Currency, Status: e.Status}
		}
	}
	return nil
}

func (b *book) all() []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries)
}
