package paying_test

import (
	"context"
	"errors"
	"testing"

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

// scripted is a provider whose answers a test decides. It keeps a journal of the keys it was asked with.
type scripted struct {
	authorize         func() (paying.Outcome, error)
	void              func() error
	capture           func() error
	authorized, moved []string
}

func (s *scripted) Authorize(_ context.Context, req paying.Authorization) (paying.Outcome, error) {
	s.authorized = append(s.authorized, req.Key+" "+req.Token)
	return s.authorize()
}

func (s *scripted) Void(context.Context, string) error { return s.void() }

func (s *scripted) Capture(_ context.Context, req paying.Transfer) error {
	s.moved = append(s.moved, req.Key)
	return s.capture()
}

func (s *scripted) Refund(context.Context, paying.Transfer) error { return nil }

func holds() (paying.Outcome, error)    { return paying.Outcome{}, nil }
func timesOut() (paying.Outcome, error) { return paying.Outcome{}, errTimeout }
func succeeds() error                   { return nil }

// bench is the use cases over a pool of one connection, so that a call to a provider that holds one would be seen.
type bench struct {
	*paying.Payments
	store    paying.Store
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
	provider := &scripted{authorize: holds, void: succeeds, capture: succeeds}
	store := postgres.New(pool, postgres.Config{Outbox: outbox.New("payments", nil, ids.New), NewID: ids.New})
	t.Cleanup(func() {
		violations, err := store.Verify(context.Background())
		require.NoError(t, err)
		require.Empty(t, violations)
	})
	methods := []paying.Method{{Method: payments.Method{Code: "scripted"}, Provider: provider}}
	return bench{Payments: paying.New(store, methods, ids.New), store: store, provider: provider, methods: methods, db: db, pool: pool}
}

func request() payments.AuthorizeRequest {
	return payments.AuthorizeRequest{Reference: "co_1", Amount: money.MustNew(100, "EUR"), Method: "scripted", Token: "tok"}
}

func capture() payments.CaptureRequest { return payments.CaptureRequest{Reference: "co_1", Key: "k"} }

// row is what another connection sees of the attempt.
func (b bench) row(t *testing.T) string {
	t.Helper()
	var seen string
	require.NoError(t, b.db.Admin().Get(t.Context(), &seen, `
		SELECT format('%s, token %L, capturing %s, captured %s', status, token, capturing, captured)
		FROM payments.attempts WHERE reference = 'co_1'`))
	return seen
}

func (b bench) requireIdle(t *testing.T) {
	t.Helper()
	require.NoError(t, b.pool.Ping(t.Context()), "a connection is held while the provider is asked")
}

func TestAnAttemptIsDurableBeforeTheProviderHearsOfIt(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (paying.Outcome, error) {
		b.requireIdle(t)
		require.Equal(t, "submitted, token 'tok', capturing 0, captured 0", b.row(t))
		return holds()
	}

	_, err := b.Authorize(t.Context(), request())

	require.NoError(t, err)
	require.Equal(t, "authorized, token '', capturing 0, captured 0", b.row(t))
}

func TestACrashInTheProvidersCallIsContinuedWithTheSameKey(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (paying.Outcome, error) { panic("killed") }
	require.Panics(t, func() { _, _ = b.Authorize(t.Context(), request()) })
	b.provider.authorize = holds

	a, err := b.Authorize(t.Context(), request())

	require.NoError(t, err)
	require.Equal(t, payments.StatusAuthorized, a.Status)
	require.Len(t, b.provider.authorized, 2)
	require.Equal(t, b.provider.authorized[0], b.provider.authorized[1])
}

func TestAProviderThatDoesNotAnswerLeavesTheAttemptUnknownUntilItDoes(t *testing.T) {
	b := open(t)
	b.provider.authorize = timesOut

	for range 2 {
		a, err := b.Authorize(t.Context(), request())
		require.NoError(t, err)
		require.Equal(t, payments.StatusUnknown, a.Status)
	}
	_, err := b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})
	require.ErrorIs(t, err, payments.ErrProviderUnavailable)
	b.provider.authorize = holds
	a, err := b.Authorize(t.Context(), request())

	require.NoError(t, err)
	require.Equal(t, payments.StatusAuthorized, a.Status)
}

func TestVoidingAnAttemptThatIsStillWithTheProviderFindsOutFirst(t *testing.T) {
	b := open(t)
	b.provider.authorize = timesOut
	_, err := b.Authorize(t.Context(), request())
	require.NoError(t, err)
	b.provider.authorize = holds
	b.provider.void = func() error {
		b.requireIdle(t)
		require.Equal(t, "void_pending, token '', capturing 0, captured 0", b.row(t))
		return nil
	}

	a, err := b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})

	require.NoError(t, err)
	require.Equal(t, payments.StatusVoided, a.Status)
	require.Equal(t, int64(2), a.Seq)
}

func TestAVoidWhileTheProviderIsAskedClosesTheReference(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (paying.Outcome, error) {
		b.provider.authorize = holds
		_, err := b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})
		require.NoError(t, err)
		return holds()
	}

	_, err := b.Authorize(t.Context(), request())

	require.ErrorIs(t, err, payments.ErrReferenceClosed)
	require.Equal(t, "voided, token '', capturing 0, captured 0", b.row(t))
}

func TestAVoidThatBrokeOffIsFinishedByTheNext(t *testing.T) {
	b := open(t)
	_, err := b.Authorize(t.Context(), request())
	require.NoError(t, err)
	b.provider.void = func() error { return errTimeout }

	_, err = b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})
	require.ErrorIs(t, err, payments.ErrProviderUnavailable)
	_, err = b.Authorize(t.Context(), request())
	require.ErrorIs(t, err, payments.ErrReferenceClosed)
	b.provider.void = succeeds
	a, err := b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})

	require.NoError(t, err)
	require.Equal(t, payments.StatusVoided, a.Status)
}

func TestACaptureIsPromisedBeforeTheProviderHearsOfIt(t *testing.T) {
	b := open(t)
	_, err := b.Authorize(t.Context(), request())
	require.NoError(t, err)
	b.provider.capture = func() error {
		b.requireIdle(t)
		require.Equal(t, "authorized, token '', capturing 100, captured 0", b.row(t))
		return nil
	}

	_, err = b.Capture(t.Context(), capture())

	require.NoError(t, err)
	require.Equal(t, "captured, token '', capturing 0, captured 100", b.row(t))
}

func TestACaptureThatBrokeOffIsFinishedWithTheSameKey(t *testing.T) {
	b := open(t)
	_, err := b.Authorize(t.Context(), request())
	require.NoError(t, err)
	b.provider.capture = func() error { return errTimeout }

	_, err = b.Capture(t.Context(), capture())
	require.ErrorIs(t, err, payments.ErrProviderUnavailable)
	other := capture()
	other.Key = "other"
	_, err = b.Capture(t.Context(), other)
	require.ErrorIs(t, err, payments.ErrCaptureExceeds, "what is promised is not promised twice")
	_, err = b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})
	require.ErrorIs(t, err, payments.ErrIllegalTransition)
	b.provider.capture = succeeds
	answer, err := b.Capture(t.Context(), capture())

	require.NoError(t, err)
	require.Equal(t, money.MustNew(100, "EUR"), answer.Attempt.Captured)
	require.Len(t, b.provider.moved, 2)
	require.Equal(t, b.provider.moved[0], b.provider.moved[1])
}

// interrupted runs meanwhile once, right after an attempt was read.
type interrupted struct {
	paying.Store
	meanwhile func()
}

func (i *interrupted) Attempt(ctx context.Context, reference string) (attempt.Attempt, error) {
	a, err := i.Store.Attempt(ctx, reference)
	if meanwhile := i.meanwhile; meanwhile != nil {
		i.meanwhile = nil
		meanwhile()
	}
	return a, err
}

func TestACaptureThatWasOvertakenByAVoidNeverReachesTheProvider(t *testing.T) {
	b := open(t)
	_, err := b.Authorize(t.Context(), request())
	require.NoError(t, err)
	store := &interrupted{Store: b.store, meanwhile: func() {
		_, err := b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})
		require.NoError(t, err)
	}}

	_, err = paying.New(store, b.methods, ids.New).Capture(t.Context(), capture())

	require.ErrorIs(t, err, payments.ErrIllegalTransition)
	require.Empty(t, b.provider.moved)
	require.Equal(t, "voided, token '', capturing 0, captured 0", b.row(t))
}
