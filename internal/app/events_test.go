package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const deadEvents = "/admin/v1/events/dead"

// mourning is a shop with three dead deliveries of products.
func mourning(t *testing.T) (*counter, *sqldb.DB) {
	t.Helper()
	var dsn string
	c := open(t, func(cfg *app.Config) { dsn = cfg.DatabaseURL })
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn, MaxOpen: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	n, err := db.Exec(t.Context(), `INSERT INTO catalog.outbox_deliveries (event_id, subscriber, attempt, last_error, dead_at)
		SELECT id, 'storefront.refresh_products', 25, 'no shelf', now() FROM catalog.outbox_events ORDER BY id LIMIT 3`)
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	return c, db
}

func (c *counter) page(path string) (data []any, page map[string]any) {
	c.t.Helper()
	status, answer := c.send(http.MethodGet, path, "")
	require.Equal(c.t, http.StatusOK, status, answer)
	return answer["data"].([]any), answer["page"].(map[string]any)
}

func (c *counter) replay(path, body string) any {
	c.t.Helper()
	status, answer := c.send(http.MethodPost, path, body)
	require.Equal(c.t, http.StatusOK, status, answer)
	return answer["replayed"]
}

func TestDeadEventsAreShownInPages(t *testing.T) {
	c, _ := mourning(t)

	first, page := c.page(deadEvents + "?limit=2&total=true")
	require.Len(t, first, 2)
	require.Equal(t, true, page["has_more"])
	require.EqualValues(t, 3, page["total"])
	rest, page := c.page(deadEvents + "?limit=2&cursor=" + page["next_cursor"].(string))
	require.Len(t, rest, 1)
	require.Equal(t, false, page["has_more"])

	shown := rest[0].(map[string]any)
	assert.Less(t, shown["id"], first[1].(map[string]any)["id"])
	assert.Equal(t, "catalog", shown["schema"])
	assert.Equal(t, "storefront.refresh_products", shown["subscriber"])
	assert.Equal(t, "catalog.product_changed.v1", shown["name"])
	assert.EqualValues(t, 25, shown["attempts"])
	assert.Equal(t, "no shelf", shown["last_error"])
	assert.NotEmpty(t, shown["payload"].(map[string]any)["product_id"])
}

func TestDeadEventsAreReplayedOnce(t *testing.T) {
	c, db := mourning(t)
	data, _ := c.page(deadEvents)
	one := deadEvents + "/" + data[0].(map[string]any)["id"].(string) + "/replay"

	assert.EqualValues(t, 1, c.replay(one, ""))
	assert.EqualValues(t, 0, c.replay(one, ""))
	assert.EqualValues(t, 0, c.replay(deadEvents+"/replay", `{"subscriber": "nobody"}`))
	assert.EqualValues(t, 2, c.replay(deadEvents+"/replay", `{}`))
	assert.EqualValues(t, 0, c.replay(deadEvents+"/replay", `{}`))
	status, answer := c.send(http.MethodPost, deadEvents+"/"+ids.Encode("evt", ids.New())+"/replay", "")
	assert.Equal(t, http.StatusNotFound, status, answer)
	status, _ = c.send(http.MethodPost, deadEvents+"/evt_1/replay", "")
	assert.Equal(t, http.StatusNotFound, status)

	require.NoError(t, c.app.Drain(t.Context()), "they are handled now")
	var left int
	require.NoError(t, db.Get(t.Context(), &left, `SELECT count(*) FROM catalog.outbox_deliveries`))
	assert.Zero(t, left)
}

func TestDeadEventsAreCountedInTheMetrics(t *testing.T) {
	c, _ := mourning(t)

	assert.InDelta(t, 3, app.Metric(t, c.app, "rialto_outbox_dead"), 0)
	c.replay(deadEvents+"/replay", `{}`)
	assert.InDelta(t, 0, app.Metric(t, c.app, "rialto_outbox_dead"), 0)
	assert.InDelta(t, 3, app.Metric(t, c.app, "rialto_outbox_pending"), 0)
	assert.Positive(t, app.Metric(t, c.app, "rialto_outbox_lag_seconds"))
}
