package operations

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const within = 2 * time.Minute

// shell is a place that knows a database, and its name.
func shell(t *testing.T, database *testdb.Database, env ...string) (p place, name string) {
	t.Helper()
	at, err := url.Parse(database.DSN())
	require.NoError(t, err)
	name = strings.TrimPrefix(at.Path, "/")
	at.Path = "/postgres"
	return place{dir: t.TempDir(), env: append([]string{"DATABASE_URL=" + database.DSN(), "SERVER_URL=" + at.String(),
		"RIALTO_SECRET_KEY=a key that only this shell derives from"}, env...)}, name
}

// destroy drops a database, whoever uses it.
func (p place) destroy(t *testing.T, name string) {
	t.Helper()
	p.run(t, `psql "$SERVER_URL" -c 'DROP DATABASE `+name+` WITH (FORCE)'`)
}

// restore types the documented commands.
func (p place) restore(t *testing.T, name string) {
	t.Helper()
	p.run(t, section(t, "restore"), "DATABASE rialto", "DATABASE "+name)
}

// TestOPS3ADumpIsRestored dumps the database of a shop that sells, and loses it. The provider loses nothing.
func TestOPS3ADumpIsRestored(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Provider: true})
	h.Sell("OPS3", 1000, pool)
	shell, name := shell(t, h.Database)
	people := openTo(t, h, 4, "OPS3")
	before := people.More(30)
	shell.run(t, section(t, "dump"))
	people.More(30)
	all := people.SendHome()
	h.Quiesce(within)
	refund := func() shop.Answer {
		return h.Send(http.MethodPost, "/admin/v1/orders/"+before[0].ID+"/refunds", shop.Object{"amount": shop.EUR(1000)}, shop.Key(h.Owner), shop.Once(shop.NewKey()))
	}
	require.Equal(t, http.StatusCreated, refund().Status)
	h.Replicas[0].Kill()
	shell.destroy(t, name)

	shell.restore(t, name)
	lapse(t, h)
	h.Replicas[0].Start()
	h.Quiesce(within)

	kept, gone := divide(all, func(order shop.Bought) bool { return page(h, order).Status == http.StatusOK })
	require.Subset(t, kept, before, "acknowledged before the dump began")
	requireKept(t, h, kept)
	requireGone(t, h, gone)
	requireStock(t, h, "OPS3")
	require.Equal(t, content, verified(h))

	require.Equal(t, http.StatusCreated, refund().Status, "the provider says that it has done so")
	require.Equal(t, 1, h.Provider.Count(fakeprovider.OpRefund, before[0].Reference))
	for _, order := range kept {
		require.Equal(t, 1, h.Provider.Count(fakeprovider.OpCapture, order.Reference), "money is taken once")
	}
	require.Zero(t, h.Int(`SELECT count(*) FROM payments.reviews WHERE reason <> 'provider_differs'`))
	require.ElementsMatch(t, references(unknown(h, gone)), shell.strangers(t, h))

	again := openTo(t, h, 4, "OPS3")
	again.More(20)
	requireNumbersOnce(t, all, again.SendHome())
	h.Settle()
	require.Equal(t, content, verified(h))
	forgetProvider(t, h)
}

// lapse makes due what servers had begun at the moment of a backup, for which their successors would wait for half a minute.
func lapse(t *testing.T, h *shop.House) {
	t.Helper()
	for module, statements := range map[string][]string{
		"checkout": {`UPDATE checkout.attempts SET lease_until = now(), next_run_at = now() WHERE status NOT IN ('completed', 'canceled', 'review')`},
		"payments": {`UPDATE payments.attempts SET asking_until = now() - interval '2 seconds', next_ask_at = now() WHERE status IN ('submitted', 'unknown')`,
			`UPDATE payments.movements SET next_try_at = now() WHERE NOT done`},
	} {
		for _, statement := range statements {
			_, err := h.Of(module).Exec(t.Context(), statement)
			require.NoError(t, err)
		}
	}
	h.Redeliver()
}

// unknown are the orders whose checkouts the shop knows no order of. That of a checkout which was under way is placed again.
func unknown(h *shop.House, orders []shop.Bought) []shop.Bought {
	_, rest := divide(orders, func(order shop.Bought) bool {
		return h.IntOf("orders", `SELECT count(*) FROM orders.orders WHERE reference = $1`, order.Reference) == 1
	})
	return rest
}

func references(orders []shop.Bought) []string {
	var all []string
	for _, order := range orders {
		all = append(all, order.Reference)
	}
	return all
}

// strangers are the references at the provider that the shop does not know, by the documented command.
func (p place) strangers(t *testing.T, h *shop.House) []string {
	t.Helper()
	var at []string
	for _, entry := range h.Provider.Journal() {
		at = append(at, entry.Reference+"\n")
	}
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "references"), []byte(strings.Join(at, "")), 0o600))
	return strings.Fields(p.run(t, section(t, "strangers")))
}

// forgetProvider ends the provider before the house does, which would want it to know of no more money than the shop.
func forgetProvider(t *testing.T, h *shop.House) {
	t.Helper()
	h.Provider.Kill()
	h.Provider = nil
}

// TestOPS3WithTheLogNothingAcknowledgedIsLost archives the log of a PostgreSQL, crashes it under load, and puts another one
// together from the base backup, the archive, and the end of the log.
func TestOPS3WithTheLogNothingAcknowledgedIsLost(t *testing.T) {
	backup, err := os.MkdirTemp("/tmp", "rialto-backup-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(backup)) })
	log := filepath.Join(backup, "log")
	p := shop.StartPostgres(t, settings(strings.ReplaceAll(section(t, "archive"), "/backup", backup)))
	user := p.User()
	own := func(dir string) { require.NoError(t, os.Chown(dir, int(user.Uid), int(user.Gid))) }
	require.NoError(t, os.Mkdir(log, 0o700))
	own(backup)
	own(log)
	h := shop.StartHouse(t, shop.Setup{Server: p.DSN(), Provider: true})
	h.Sell("OPS3", 1000, pool)
	shell := place{dir: backup, user: user, env: []string{"DATABASE_URL=" + h.Database.DSN(), "PGDATA=" + p.Data(), "LOST=" + p.Data() + ".lost"}}
	people := openTo(t, h, 4, "OPS3")
	people.More(30)
	shell.run(t, section(t, "base"), "/backup", backup)
	people.More(30)
	_, err = h.Admin().Exec(t.Context(), `SELECT pg_switch_wal()`)
	require.NoError(t, err)
	people.More(30)
	p.Crash()
	require.NoError(t, os.Rename(p.Data(), p.Data()+".lost"))
	told := people.Told()
	require.NoError(t, os.Mkdir(p.Data(), 0o700))
	own(p.Data())

	shell.run(t, section(t, "recover"), "/backup", backup)
	p.Start()
	require.Eventually(t, func() bool { return !recovering(t, h) }, within, 20*time.Millisecond)

	lapse(t, h)
	requireNumbersOnce(t, told, people.More(20))
	all := people.SendHome()
	h.Quiesce(within)
	requireKept(t, h, all)
	requireStock(t, h, "OPS3")
}

// settings reads lines as they are in postgresql.conf.
func settings(lines string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		all[name] = strings.Trim(value, "'")
	}
	return all
}

// recovering tells whether PostgreSQL still reads its log, in which it may be asked already.
func recovering(t *testing.T, h *shop.House) bool {
	t.Helper()
	var is bool
	return h.Admin().Get(t.Context(), &is, `SELECT pg_is_in_recovery()`) != nil || is
}

// twoDatabases is a shop whose inventory has a process and a database of its own, and a shell for each database.
type twoDatabases struct {
	*shop.House
	inventory *shop.Part
	main, own place
	// names are those of the databases.
	mainName, ownName string
}

func startTwoDatabases(t *testing.T) twoDatabases {
	t.Helper()
	h := shop.StartHouse(t, shop.Setup{Apart: [][]string{{"inventory"}}})
	h.Sell("OPS3", 1000, pool)
	s := twoDatabases{House: h, inventory: h.Part("inventory")}
	inside := []string{"INVENTORY_DATABASE_URL=" + s.inventory.Database.DSN(), "INVENTORY_URL=" + s.inventory.Inside, "RIALTO_INTERNAL_TOKEN=" + shop.InternalToken}
	s.main, s.mainName = shell(t, h.Database, inside...)
	s.own, s.ownName = shell(t, s.inventory.Database)
	return s
}

func (s twoDatabases) stop() {
	s.Replicas[0].Stop()
	s.inventory.Replicas[0].Stop()
}

func (s twoDatabases) staff(t *testing.T, order shop.Bought, verb string) {
	t.Helper()
	said := s.Send(http.MethodPost, "/admin/v1/orders/"+order.ID+"/"+verb, shop.Object{}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	require.Less(t, said.Status, http.StatusMultipleChoices, "%s", said.Raw)
}

// TestOPS3InventoryOlderThanItsOrdersIsToldAgain loses the database of inventory, whose dump knows nothing of the last orders,
// nor of what became of older ones.
func TestOPS3InventoryOlderThanItsOrdersIsToldAgain(t *testing.T) {
	s := startTwoDatabases(t)
	rare := s.Offer("RARE", 500)
	people := openTo(t, s.House, 2, "OPS3")
	old := people.More(5)
	since := s.main.run(t, `psql -At -c 'SELECT now()' "$DATABASE_URL"`)
	s.own.run(t, section(t, "dump"))
	people.More(10)
	recent := people.SendHome()
	s.Quiesce(within)
	s.staff(t, old[0], "cancellation")
	s.staff(t, old[1], "fulfillments")
	s.staff(t, recent[len(recent)-1], "cancellation")
	s.staff(t, recent[len(recent)-2], "fulfillments")
	s.Restock("RARE", 5)
	s.Settle()
	level := s.Level("OPS3")
	s.stop()
	s.own.destroy(t, s.ownName)

	s.own.restore(t, s.ownName)
	named := verified(s.House)
	require.Contains(t, named, "INV-S5 order without a hold: order "+recent[len(recent)-3].Number)
	require.Contains(t, named, "INV-S7 canceled and still held")
	s.inventory.Replicas[0].Start()
	require.Empty(t, s.main.run(t, "SINCE="+quoted(since)+section(t, "inside")+section(t, "tell")))
	lapse(t, s.House)
	s.Replicas[0].Start()
	s.Quiesce(within)

	require.Equal(t, content, verified(s.House))
	require.Equal(t, level, s.Level("OPS3"))
	availability := func() string {
		return s.Must(http.StatusOK, http.MethodGet, "/store/v1/products/"+rare.Handle, nil).Body.Text("variants.0.availability")
	}
	require.Equal(t, "in_stock", availability(), "what came in is forgotten, and the page does not know")
	s.main.run(t, "bin/server storefront rebuild")
	require.Equal(t, "out_of_stock", availability())
	require.Empty(t, s.main.run(t, "SINCE="+quoted(since)+section(t, "inside")+section(t, "tell")), "telling it twice")
	require.Equal(t, level, s.Level("OPS3"))
}

func quoted(text string) string { return "'" + strings.TrimSpace(text) + "'\n" }

// TestOPS3InventoryNewerThanItsOrdersGivesStockBack loses the database with the orders, whose dump is older than inventory.
func TestOPS3InventoryNewerThanItsOrdersGivesStockBack(t *testing.T) {
	s := startTwoDatabases(t)
	people := openTo(t, s.House, 2, "OPS3")
	before := people.More(5)
	s.main.run(t, section(t, "dump"))
	people.More(10)
	all := people.SendHome()
	s.Quiesce(within)
	s.stop()
	s.main.destroy(t, s.mainName)

	s.main.restore(t, s.mainName)
	s.inventory.Replicas[0].Start()
	lapse(t, s.House)
	s.Replicas[0].Start()
	s.Quiesce(within)

	kept, gone := divide(all, func(order shop.Bought) bool { return page(s.House, order).Status == http.StatusOK })
	require.Subset(t, kept, before)
	named := verified(s.House)
	gone = unknown(s.House, gone)
	require.NotEmpty(t, gone)
	for _, order := range gone {
		require.Contains(t, named, "INV-S5 owed and not sold: checkout "+order.Reference)
	}
	require.Equal(t, len(gone), strings.Count(named, "\n"), "nothing else is named: %s", named)
	require.Empty(t, s.main.run(t, section(t, "inside")+section(t, "give-back")))
	require.Equal(t, content, verified(s.House))
	requireStock(t, s.House, "OPS3")
	again := openTo(t, s.House, 2, "OPS3")
	again.More(5)
	requireNumbersOnce(t, all, again.SendHome())
}
