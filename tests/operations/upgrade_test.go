package operations

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/migrations"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// newest is a version that no migration has yet.
const newest = 900000

// expand does to a database what a migration of the next version may do: every table of every module gets another column, every
// module another table, and events say more than this version knows, to listeners it has never heard of.
func expand(t *testing.T, h *shop.House) {
	t.Helper()
	var tables []string
	require.NoError(t, h.Admin().Select(t.Context(), &tables, `SELECT schemaname || '.' || tablename FROM pg_tables
		WHERE tablename <> 'schema_migrations' AND schemaname NOT IN ('pg_catalog', 'information_schema', 'public') ORDER BY 1`))
	var statements []string
	for _, table := range tables {
		statements = append(statements, `ALTER TABLE `+table+` ADD COLUMN of_the_next_version jsonb DEFAULT '{"new": true}'`)
		if strings.HasSuffix(table, ".outbox_events") {
			schema := strings.TrimSuffix(table, ".outbox_events")
			statements = append(statements, fmt.Sprintf(`CREATE FUNCTION %[1]s.say_more() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN NEW.payload := NEW.payload || '{"of_the_next_version": {"more": [1]}}'; RETURN NEW; END $$`, schema),
				fmt.Sprintf(`CREATE TRIGGER say_more BEFORE INSERT ON %[1]s.outbox_events FOR EACH ROW EXECUTE FUNCTION %[1]s.say_more()`, schema))
		}
	}
	for _, module := range migrations.Modules() {
		statements = append(statements, `CREATE TABLE `+module.Name+`.of_the_next_version (id uuid PRIMARY KEY)`,
			fmt.Sprintf(`UPDATE %s.schema_migrations SET version = %d`, module.Name, newest))
	}
	for _, statement := range append(statements,
		`INSERT INTO orders.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload) VALUES (gen_random_uuid(), 'orders.order_foreseen.v1', 'oracle', 'x', 1, '{}')`,
		`INSERT INTO orders.outbox_deliveries (event_id, subscriber) SELECT id, 'oracle.foresee' FROM orders.outbox_events WHERE aggregate_type = 'oracle'`) {
		_, err := h.Admin().Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

// TestThisVersionWorksBesideTheNextOne migrates under two servers while people buy, and starts one of them again, as the way back
// does.
func TestThisVersionWorksBesideTheNextOne(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Replicas: 2})
	h.Sell("OPS", 1000, pool)
	people := openTo(t, h, 4, "OPS")
	people.More(20)

	expand(t, h)
	people.More(20)
	h.Replicas[0].Stop()
	h.Replicas[0].Start()
	people.More(20)
	all := people.SendHome()

	const foreseen = `SELECT count(*) FROM orders.outbox_deliveries WHERE subscriber = 'oracle.foresee' AND attempt = 0`
	require.EqualValues(t, 1, h.Int(foreseen), "it waits for a process that knows it")
	_, err := h.Admin().Exec(t.Context(), `DELETE FROM orders.outbox_deliveries WHERE subscriber = 'oracle.foresee'`)
	require.NoError(t, err)
	h.Quiesce(within)
	requireKept(t, h, all)
	requireStock(t, h, "OPS")
	h.Sell("LATER", 500, 5)
	h.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("LATER", 1)), shop.Once(shop.NewKey()))
	said, _ := h.Command("doctor")
	require.Contains(t, said, "ok    tables of")
	require.NotContains(t, h.Log(), `"level":"ERROR"`)
}
