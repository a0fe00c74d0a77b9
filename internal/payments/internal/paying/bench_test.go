package paying_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/payments/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

var errTimeout = errors.New("no answer in time")

// scripted is a provider whose answers a test decides, and which notes the keys it was asked with. What a test leaves out
// succeeds; nothing is found.
type scripted struct {
	authorize func() (attempt.Word, error)
	find      func() (attempt.Word, error)
	void      func() (attempt.Word, error)
	move      func() error
	down      error
	// hang is done before each look-up.
	hang func(ctx context.Context)

	mu                        sync.Mutex
	authorized, voided, moved []string
}

func (s *scripted) note(list *[]string, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, key)
}

func (s *scripted) Ready(context.Context) error { return s.down }

func (s *scripted) Authorize(_ context.Context, req paying.Authorization) (attempt.Word, error) {
	s.note(&s.authorized, req.Key+" "+req.Token+" "+req.ReturnURL)
	if s.authorize == nil {
		return says(attempt.SaysAuthorized), nil
	}
	return s.authorize()
}

func (s *scripted) Find(ctx context.Context, _ paying.Lookup) (attempt.Word, error) {
	if s.hang != nil {
		s.hang(ctx)
	}
	if s.find == nil {
		return attempt.Word{}, paying.ErrNothingThere
	}
	return s.find()
}

func (s *scripted) Void(_ context.Context, req paying.Voiding) (attempt.Word, error) {
	s.note(&s.voided, req.Key)
	if s.void == nil {
		return says(attempt.SaysVoided), nil
	}
	return s.void()
}

func (s *scripted) Capture(_ context.Context, req paying.Transfer) error { return s.transfer(req) }

func (s *scripted) Refund(_ context.Context, req paying.Transfer) error { return s.transfer(req) }

func (s *scripted) transfer(req paying.Transfer) error {
	s.note(&s.moved, req.Key)
	if s.move == nil {
		return nil
	}
	return s.move()
}

// Read takes events that are words in JSON.
func (s *scripted) Read(body []byte) (attempt.Word, error) {
	var w attempt.Word
	return w, json.Unmarshal(body, &w)
}

// says is the provider's word on the one attempt of most tests.
func says(status string) attempt.Word {
	return attempt.Word{Status: status, ID: "auth_1", Reference: "co_1", Currency: "EUR", Amount: 100, DeclineCode: "no"}
}

func word(w attempt.Word) func() (attempt.Word, error) {
	return func() (attempt.Word, error) { return w, nil }
}

func timesOut() (attempt.Word, error) { return attempt.Word{}, errTimeout }

func unsent() (attempt.Word, error) { return attempt.Word{}, paying.ErrNotSent }

// bench is the use cases over a pool of one connection, so that a call to a provider that holds one would be seen.
type bench struct {
	*paying.Payments
	worker   *paying.Worker
	store    postgres.Store
	provider *scripted
	methods  []paying.Method
	db       *testdb.Database
	pool     *sqldb.DB
}

func open(t *testing.T) bench {
	t.Helper()
	db := testdb.New(t)
	pool, err := sqldb.Open(t.Context(), sqldb.Config{DSN: db.ModuleDSN("payments"), MaxOpen: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	provider := &scripted{}
	store := postgres.New(pool, postgres.Config{Outbox: outbox.New("payments", nil, ids.New), NewID: ids.New})
	t.Cleanup(func() {
		violations, err := store.Verify(context.Background())
		require.NoError(t, err)
		require.Empty(t, violations)
	})
	methods := []paying.Method{{Method: payments.Method{Code: "scripted"}, Provider: provider}}
	service := paying.New(store, methods, ids.New, time.Second)
	return bench{Payments: service, worker: paying.NewWorker(service, store), store: store, provider: provider, methods: methods, db: db, pool: pool}
}

func request() payments.AuthorizeRequest {
	return payments.AuthorizeRequest{Reference: "co_1", Amount: money.MustNew(100, "EUR"), Method: "scripted", Token: "tok",
		ReturnURL: "https://shop.example/back"}
}

func capture() payments.CaptureRequest { return payments.CaptureRequest{Reference: "co_1", Key: "k"} }

func (b bench) text(t *testing.T, query string, args ...any) string {
	t.Helper()
	var text string
	require.NoError(t, b.db.Admin().Get(context.Background(), &text, query, args...))
	return text
}

// row is what another connection sees of the attempt.
func (b bench) row(t *testing.T) string {
	t.Helper()
	return b.text(t, `SELECT format('%s, token %L, capturing %s, captured %s', status, token, capturing, captured)
		FROM payments.attempts WHERE reference = 'co_1'`)
}

// events are the names of what was announced, with the state where there is one.
func (b bench) events(t *testing.T) string {
	t.Helper()
	return b.text(t, `SELECT coalesce(string_agg(split_part(name, '.', 2) || ' ' || coalesce(payload->>'status', payload->>'by'), ', ' ORDER BY seq), '')
		FROM payments.outbox_events`)
}

// reviews are the reasons of what a person has to look at.
func (b bench) reviews(t *testing.T) string {
	t.Helper()
	return b.text(t, `SELECT coalesce(string_agg(concat_ws(' ', reason, details->>'differs'), ', ' ORDER BY reason, subject), '') FROM payments.reviews`)
}

// age lets time pass for everything, as an interval of PostgreSQL.
func (b bench) age(t *testing.T, by string) {
	t.Helper()
	for _, statement := range []string{
		`UPDATE payments.attempts SET created_at = created_at - $1::interval, asking_until = asking_until - $1::interval,
			next_ask_at = next_ask_at - $1::interval, action_expires_at = action_expires_at - $1::interval`,
		`UPDATE payments.movements SET created_at = created_at - $1::interval, next_try_at = next_try_at - $1::interval`,
		`UPDATE payments.provider_events SET received_at = received_at - $1::interval, next_try_at = next_try_at - $1::interval`,
	} {
		_, err := b.db.Admin().Exec(t.Context(), statement, by)
		require.NoError(t, err)
	}
}

func (b bench) work(t *testing.T) int {
	t.Helper()
	n, err := b.worker.Work(t.Context())
	require.NoError(t, err)
	return n
}

// tell stores an event and has it handled.
func (b bench) tell(t *testing.T, id string, w attempt.Word) {
	t.Helper()
	body, err := json.Marshal(w)
	require.NoError(t, err)
	timely, err := b.store.Receive(t.Context(), paying.Event{Provider: "scripted", ID: id, Body: body}, time.Now().Unix(), time.Hour)
	require.NoError(t, err)
	require.True(t, timely)
	b.work(t)
}

// outcome is what came of an event, "" while it waits.
func (b bench) outcome(t *testing.T, id string) string {
	t.Helper()
	return b.text(t, `SELECT coalesce(outcome, '') FROM payments.provider_events WHERE event_id = $1`, id)
}

func (b bench) requireIdle(t *testing.T) {
	t.Helper()
	require.NoError(t, b.pool.Ping(t.Context()), "a connection is held while the provider is asked")
}

func (b bench) authorize(t *testing.T, want string) payments.Attempt {
	t.Helper()
	a, err := b.Authorize(t.Context(), request())
	require.NoError(t, err)
	require.Equal(t, want, a.Status)
	return a
}

func (b bench) void(t *testing.T, want string) {
	t.Helper()
	a, err := b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})
	require.NoError(t, err)
	require.Equal(t, want, a.Status)
}
