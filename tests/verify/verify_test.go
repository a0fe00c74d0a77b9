// Package verify_test shows that "server verify" is content with a shop that sold, refunded, fulfilled and canceled, and that it
// names every promise that somebody breaks behind the shop's back.
package verify_test

import (
	"net/http"
	"os/exec"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/app/verify"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

// violation breaks a promise by SQL and mends it again. What is taken away is kept in schema "kept" meanwhile. That all is
// mended shows when the shop is verified at the end of the test, as every shop is.
type violation struct {
	name      string
	invariant string
	breaks    []string
	mends     []string
}

func TestVerifyNamesEveryBrokenPromise(t *testing.T) {
	s := shop.Start(t)
	trade(t, s)
	output, err := s.Command("verify")
	require.NoError(t, err)
	require.Equal(t, "verified: every invariant holds\n", output)
	execute(t, s, `CREATE SCHEMA kept`)

	for _, v := range violations() {
		t.Run(v.name, func(t *testing.T) {
			execute(t, s, v.breaks...)
			defer execute(t, s, v.mends...)

			output, err := s.Command("verify")

			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, 1, exit.ExitCode())
			require.Contains(t, output, v.invariant+": ")
		})
	}
	for _, v := range violationsBetweenModules() {
		t.Run(v.name, func(t *testing.T) {
			execute(t, s, v.breaks...)
			defer execute(t, s, v.mends...)

			for how, databases := range map[string]verify.Databases{"at one moment": inOne(s), "in pages": inMany(s)} {
				found, left, err := verify.Run(t.Context(), databases, 1)

				require.NoError(t, err, how)
				require.Empty(t, left, how)
				require.True(t, slices.ContainsFunc(found, func(f invariant.Violation) bool { return f.Invariant == v.invariant }), "%s found %v", how, found)
			}
		})
	}
}

// A command that could not be finished, as when a module it needs is away, is no broken promise.
func TestWhatAnUnfinishedCommandHasLeftToDoIsNotMissed(t *testing.T) {
	s := shop.Start(t)
	trade(t, s)
	between := violationsBetweenModules()
	v := between[slices.IndexFunc(between, func(v violation) bool { return v.invariant == "INV-S7 canceled and still held" })]
	execute(t, s, append(v.breaks, `UPDATE orders.commands SET done = false, next_run_at = now() + interval '1 hour' WHERE kind = 'cancellation'`)...)
	defer execute(t, s, append(v.mends, `UPDATE orders.commands SET done = true`)...)

	for how, databases := range map[string]verify.Databases{"at one moment": inOne(s), "in pages": inMany(s)} {
		found, _, err := verify.Run(t.Context(), databases, verify.PageSize)

		require.NoError(t, err, how)
		require.Empty(t, found, how)
	}
}

func inOne(s *shop.Shop) verify.Databases {
	databases := verify.Databases{}
	for _, module := range app.Modules() {
		databases[module] = s.Admin()
	}
	return databases
}

// inMany has each module read as if it were in a database of its own.
func inMany(s *shop.Shop) verify.Databases {
	databases := verify.Databases{}
	for _, module := range app.Modules() {
		databases[module] = s.Database.Module(module)
	}
	return databases
}

// trade sells by cart and all at once, refunds and fulfills parts of an order, cancels another, declines a payment and
// refuses what is sold out.
func trade(t *testing.T, s *shop.Shop) {
	t.Helper()
	s.Sell("TEAPOT", 2450, 10)
	s.Sell("CUP", 690, 10)
	first := s.Buy(s.Fill(shop.Line("TEAPOT", 2), shop.Line("CUP", 3)))
	require.Equal(t, http.StatusCreated, first.Status, "%s", first.Raw)
	second := s.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("TEAPOT", 1)), shop.Once(shop.NewKey()))
	third := s.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("CUP", 1)), shop.Once(shop.NewKey()))
	declined := s.Fill(shop.Line("CUP", 1))
	s.Must(http.StatusPaymentRequired, http.MethodPost, "/store/v1/checkouts", shop.Object{"cart_id": declined.ID, "payment": shop.Declines()},
		shop.CartToken(declined.Token), shop.Once(shop.NewKey()))
	require.Equal(t, http.StatusConflict, s.Buy(s.Fill(shop.Line("CUP", 100))).Status)
	s.Settle()

	refunded, canceled := admin(first), admin(second)
	lines := s.Must(http.StatusOK, http.MethodGet, refunded, nil, shop.Key(s.Owner)).Body
	command(s, http.StatusCreated, refunded+"/fulfillments", shop.Object{"lines": []shop.Object{{"line_id": lines.Text("lines.0.id"), "quantity": 2}}})
	command(s, http.StatusCreated, refunded+"/refunds", shop.Object{"lines": []shop.Object{{"line_id": lines.Text("lines.1.id"), "quantity": 1}}})
	command(s, http.StatusOK, canceled+"/cancellation", shop.Object{"reason": "changed mind"})
	command(s, http.StatusCreated, admin(third)+"/fulfillments", shop.Object{})
	s.Settle()
}

func admin(bought shop.Answer) string { return "/admin/v1/orders/" + bought.Body.Text("order.id") }

func command(s *shop.Shop, status int, path string, body shop.Object) {
	s.Must(status, http.MethodPost, path, body, shop.Key(s.Owner), shop.Once(shop.NewKey()))
}

func execute(t *testing.T, s *shop.Shop, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		_, err := s.Admin().Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}
