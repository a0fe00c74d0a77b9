package split

import (
	"math/rand/v2"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// move runs the script, and answers what it printed.
func move(t *testing.T, module, from, to string) (string, error) {
	t.Helper()
	cmd := exec.Command("../../scripts/move-module", module, "--from", from, "--to", to)
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// empty is a database without the tables of a module.
func empty(t *testing.T, module string) *testdb.Database {
	t.Helper()
	database := testdb.New(t)
	_, err := database.Admin().Exec(t.Context(), `DROP SCHEMA `+module+` CASCADE`)
	require.NoError(t, err)
	return database
}

// TestAModuleMovesOutWhilePeopleBuy moves inventory into a database and a process of its own under load.
func TestAModuleMovesOutWhilePeopleBuy(t *testing.T) {
	elsewhere := empty(t, "inventory") // before the house, which ends first then
	h := shop.StartHouse(t, shop.Setup{})
	h.Sell("MOVED", 1000, 100_000)
	h.Settle()
	c := h.LetIn(shoppers, shop.Seed(t), func(*rand.Rand) shop.Object { return shop.AtOnce(shop.Line("MOVED", 1)) })
	c.More(50)

	output, err := move(t, "inventory", h.Database.DSN(), elsewhere.DSN())
	require.NoError(t, err, output)
	require.Contains(t, output, "INVENTORY_DATABASE_URL="+elsewhere.DSN())
	late, key := shop.AtOnce(shop.Line("MOVED", 1)), shop.NewKey()
	refused := h.Send(http.MethodPost, "/store/v1/checkouts", late, shop.Once(key))
	require.Equal(t, http.StatusServiceUnavailable, refused.Status, "the old place takes no writes: %s", refused.Raw)
	h.MoveOut("inventory", elsewhere)

	require.Equal(t, http.StatusCreated, h.CompleteUntilDecided(late, key, time.Minute).Status)
	c.More(50)
	bought := c.SendHome()
	h.Quiesce(2 * time.Minute)
	orders := len(bought) + 1
	require.EqualValues(t, orders, h.IntOf("orders", `SELECT count(*) FROM orders.orders`))
	require.EqualValues(t, 100_000-orders, h.Level("MOVED").Number(t, "available"))
	require.Zero(t, h.IntOf("inventory", `SELECT count(*) FROM inventory.reviews`))
}

// TestAMoveThatFailsLeavesEverythingWhereItWas names a place that has the module already, and one that cannot be reached.
func TestAMoveThatFailsLeavesEverythingWhereItWas(t *testing.T) {
	s := shop.Start(t)
	s.Sell("STAYS", 1000, 10)
	s.Settle()
	for name, to := range map[string]string{"taken": testdb.New(t).DSN(), "nowhere": "postgres://nobody@127.0.0.1:1/nothing"} {
		output, err := move(t, "inventory", s.Database.DSN(), to)
		require.Error(t, err, "%s: %s", name, output)
		s.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("STAYS", 1)), shop.Once(shop.NewKey()))
	}
	output, err := move(t, "stock", s.Database.DSN(), "postgres://x")
	require.Error(t, err)
	require.Contains(t, output, "name a module: access cart")
}

// TestAMoveHasAWayBack moves a module out and home again; what the old place still had is kept.
func TestAMoveHasAWayBack(t *testing.T) {
	s := shop.Start(t)
	s.Sell("BACK", 1000, 10)
	s.Settle()
	elsewhere := empty(t, "inventory")
	output, err := move(t, "inventory", s.Database.DSN(), elsewhere.DSN())
	require.NoError(t, err, output)
	_, err = elsewhere.Admin().Exec(t.Context(), `UPDATE inventory.stock_levels SET on_hand = on_hand`)
	require.NoError(t, err, "the new place takes writes")
	_, err = s.Admin().Exec(t.Context(), `UPDATE inventory.stock_levels SET on_hand = on_hand`)
	require.ErrorContains(t, err, "being moved")

	output, err = move(t, "inventory", elsewhere.DSN(), s.Database.DSN())

	require.NoError(t, err, output)
	require.EqualValues(t, 1, s.Int(`SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'inventory\_before\_%'`))
	s.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("BACK", 1)), shop.Once(shop.NewKey()))
}
