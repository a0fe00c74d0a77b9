package paymentsmod_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/paymentsclient"
	"github.com/rialto-commerce/rialto/internal/payments/paymentsmod"
	"github.com/rialto-commerce/rialto/internal/payments/paymentstest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

func open(t *testing.T, db *testdb.Database) *paymentsmod.Module {
	t.Helper()
	subscribers := map[string][]outbox.Subscriber{payments.AttemptChanged{}.EventName(): {{Name: "orders.apply_payment"}}}
	module := paymentsmod.New(paymentsmod.Deps{DB: db.Module("payments"), Outbox: outbox.New("payments", subscribers, ids.New), OfferFake: true,
		NewID: ids.New, LazyCommit: true})
	t.Cleanup(func() {
		if !t.Failed() {
			violations, err := module.Verify(context.Background())
			require.NoError(t, err)
			require.Empty(t, violations)
		}
	})
	return module
}

func TestPostgresKeepsTheContract(t *testing.T) {
	paymentstest.RunContract(t, func(t *testing.T) payments.Service { return open(t, testdb.New(t)).Service() })
}

func TestAnotherProcessKeepsTheContract(t *testing.T) {
	paymentstest.RunContract(t, func(t *testing.T) payments.Service {
		return paymentsclient.New(remotetest.Caller(t, "payments", paymentsclient.Methods(open(t, testdb.New(t)).Service())))
	})
}

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

// paid is a payment of 1.00 EUR of which all was captured and 0.30 given back.
func paid(t *testing.T, service payments.Service) {
	t.Helper()
	_, err := service.Authorize(t.Context(), payments.AuthorizeRequest{Reference: "co_1", Amount: eur(100), Method: "fake", Token: "tok_success"})
	require.NoError(t, err)
	_, err = service.Capture(t.Context(), payments.CaptureRequest{Reference: "co_1", Key: "k"})
	require.NoError(t, err)
	back := eur(30)
	_, err = service.Refund(t.Context(), payments.RefundRequest{Reference: "co_1", Key: "k", Amount: &back})
	require.NoError(t, err)
}

func TestEveryChangeAfterTheAuthorizationIsAnnounced(t *testing.T) {
	db := testdb.New(t)
	service := open(t, db).Service()
	paid(t, service)
	_, err := service.Authorize(t.Context(), payments.AuthorizeRequest{Reference: "co_2", Amount: eur(5), Method: "manual"})
	require.NoError(t, err)
	_, err = service.Void(t.Context(), payments.VoidRequest{Reference: "co_2"})
	require.NoError(t, err)

	var events []string
	require.NoError(t, db.Admin().Select(t.Context(), &events, `
		SELECT format('%s %s %s: %s, captured %s, refunded %s', aggregate_type, aggregate_id, seq, payload->>'status',
			payload->'captured'->>'amount', payload->'refunded'->>'amount')
		FROM payments.outbox_events ORDER BY aggregate_id, seq`))

	require.Equal(t, []string{
		"payment_attempt co_1 1: captured, captured 100, refunded 0",
		"payment_attempt co_1 2: captured, captured 100, refunded 30",
		"payment_attempt co_2 1: voided, captured 0, refunded 0",
	}, events)
}

func TestMoneyMovesBetweenTwoAccounts(t *testing.T) {
	db := testdb.New(t)
	paid(t, open(t, db).Service())

	var entries []string
	require.NoError(t, db.Admin().Select(t.Context(), &entries, `
		SELECT format('%s: %s %s %s', m.kind, e.account, e.amount, e.currency)
		FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction_id
		JOIN payments.movements m ON m.id = t.movement_id ORDER BY m.kind, e.account`))

	require.Equal(t, []string{"capture: provider 100 EUR", "capture: receivable -100 EUR",
		"refund: provider -30 EUR", "refund: receivable 30 EUR"}, entries)
}

func TestTheLedgerIsAppendOnly(t *testing.T) {
	db := testdb.New(t)
	paid(t, open(t, db).Service())

	for _, statement := range []string{
		`UPDATE payments.ledger_entries SET amount = amount + 1`, `DELETE FROM payments.ledger_entries`,
		`UPDATE payments.ledger_transactions SET reference = reference`, `DELETE FROM payments.ledger_transactions`,
	} {
		_, err := db.Module("payments").Exec(t.Context(), statement)
		require.ErrorContains(t, err, "never changed or removed", statement)
	}
}

func TestWhatNobodyWasToldOfIsFound(t *testing.T) {
	for name, statement := range map[string]string{
		"an attempt": `INSERT INTO payments.attempts (id, reference, method, token, status, currency, amount, authorized, decline_code, created_at)
			VALUES (gen_random_uuid(), 'co_9', 'fake', 'tok', 'unknown', 'EUR', 100, 0, '', now() - interval '27 hours')`,
		"an event": `INSERT INTO payments.provider_events (provider, event_id, body, sent_at, received_at)
			VALUES ('fake', 'evt', '', now(), now() - interval '27 hours')`,
	} {
		db := testdb.New(t)
		module := paymentsmod.New(paymentsmod.Deps{DB: db.Module("payments"), Outbox: outbox.New("payments", nil, ids.New), NewID: ids.New})
		_, err := db.Admin().Exec(t.Context(), statement)
		require.NoError(t, err)

		violations, err := module.Verify(t.Context())

		require.NoError(t, err)
		require.Len(t, violations, 1, name)
		require.Equal(t, "INV-M9", violations[0].Invariant)
	}
}

func TestPlantedViolationsAreFound(t *testing.T) {
	for want, statements := range map[string][]string{
		"INV-M1": {`ALTER TABLE payments.ledger_entries DISABLE TRIGGER USER`,
			`UPDATE payments.ledger_entries SET amount = amount + 1 WHERE account = 'receivable'`},
		"INV-M2": {`ALTER TABLE payments.ledger_entries DISABLE TRIGGER USER`, `UPDATE payments.ledger_entries SET amount = 2 * amount`},
		"INV-M3": {`UPDATE payments.attempts SET refunded = 31`},
		"INV-M6": {`UPDATE payments.attempts SET currency = 'CHF'`},
		"INV-M8": {`ALTER TABLE payments.movements DROP CONSTRAINT movements_reference_fkey`, `ALTER TABLE payments.ledger_transactions DROP CONSTRAINT ledger_transactions_reference_fkey`,
			`ALTER TABLE payments.attempts DROP CONSTRAINT attempts_reference_key`,
			`INSERT INTO payments.attempts (id, reference, method, token, status, currency, amount, authorized, decline_code, event_seq)
				SELECT gen_random_uuid(), reference, method, token, status, currency, amount, authorized, decline_code, event_seq FROM payments.attempts`},
		"INV-M9": {`UPDATE payments.attempts SET given_up_at = now()`},
		"INV-E1": {`UPDATE payments.attempts SET event_seq = 3`},
	} {
		t.Run(want, func(t *testing.T) {
			db := testdb.New(t)
			module := paymentsmod.New(paymentsmod.Deps{DB: db.Module("payments"), Outbox: outbox.New("payments", nil, ids.New), NewID: ids.New, OfferFake: true})
			paid(t, module.Service())
			for _, statement := range statements {
				_, err := db.Admin().Exec(t.Context(), statement)
				require.NoError(t, err)
			}

			violations, err := module.Verify(t.Context())

			require.NoError(t, err)
			names := map[string]bool{}
			for _, violation := range violations {
				names[violation.Invariant] = true
			}
			require.Contains(t, names, want)
		})
	}
}
