package split

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// asked are the metrics that an expression asks for, without what a histogram adds to its name.
func asked(expressions []string) []string {
	var names []string
	for _, expression := range expressions {
		for _, name := range regexp.MustCompile(`\b(?:rialto|go|process)_[a-z0-9_]+`).FindAllString(expression, -1) {
			names = append(names, regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, ""))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func alerts(t *testing.T) []string {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations struct{ Summary, Next string }
			}
		}
	}
	text, err := os.ReadFile("../../deploy/alerts.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &file))
	var expressions []string
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			require.NotEmpty(t, rule.Annotations.Summary, rule.Alert)
			require.NotEmpty(t, rule.Annotations.Next, "%s says what to do", rule.Alert)
			expressions = append(expressions, rule.Expr)
		}
	}
	require.NotEmpty(t, expressions)
	return expressions
}

func dashboard(t *testing.T) []string {
	t.Helper()
	var file struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	text, err := os.ReadFile("../../deploy/dashboard.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &file))
	var expressions []string
	for _, panel := range file.Panels {
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	return expressions
}

// TestOPS1EveryMetricThatIsWatchedExists holds the alert rules and the dashboard to what the processes of a shop serve.
func TestOPS1EveryMetricThatIsWatchedExists(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Apart: [][]string{{"inventory"}}, Carrier: carried})
	h.Sell("OPS1", 1000, 10)
	h.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("OPS1", 1)), shop.Once(shop.NewKey()))
	h.Settle()
	_, err := h.Admin().Exec(t.Context(), `INSERT INTO orders.outbox_deliveries (event_id, subscriber, attempt, run_at, dead_at)
		SELECT id, 'cart.close', 25, now(), now() FROM orders.outbox_events LIMIT 1`)
	require.NoError(t, err)
	var served string
	for _, process := range []*shop.Replica{h.Replicas[0], h.Part("inventory").Replicas[0]} {
		served += process.Metrics(t)
	}

	for _, name := range asked(slices.Concat(alerts(t), dashboard(t))) {
		assert.Regexp(t, `(?m)^# TYPE `+name+` `, served)
	}

	for _, label := range []string{`status="2xx"`, `outcome="ok"`, `module="inventory"`, `route="/store/v1/checkouts"`, `pool="requests"`, `subscriber="cart.close"`} {
		assert.Contains(t, served, label)
	}
	_, err = h.Admin().Exec(t.Context(), `DELETE FROM orders.outbox_deliveries`)
	require.NoError(t, err)
}
