package split

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collect "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// span is what the collector keeps of one.
type span struct {
	process, name, id, parent string
	facts                     map[string]string
}

// collector is one for traces, which keeps those of one trace.
type collector struct {
	url, trace string
	mu         sync.Mutex
	spans      []span
}

func startCollector(t *testing.T, trace string) *collector {
	c := &collector{trace: trace}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var sent collect.ExportTraceServiceRequest
	body, err := io.ReadAll(r.Body)
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, process := range sent.GetResourceSpans() {
		name := facts(process.GetResource().GetAttributes())["service.name"]
		for _, scope := range process.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				if hex.EncodeToString(s.GetTraceId()) == c.trace {
					c.spans = append(c.spans, span{process: name, name: s.GetName(), id: hex.EncodeToString(s.GetSpanId()),
						parent: hex.EncodeToString(s.GetParentSpanId()), facts: facts(s.GetAttributes())})
				}
			}
		}
	}
}

func facts(attributes []*common.KeyValue) map[string]string {
	found := map[string]string{}
	for _, a := range attributes {
		found[a.GetKey()] = a.GetValue().GetStringValue()
	}
	return found
}

// find answers a span by its process and name.
func (c *collector) find(process, name string) (span, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.process == process && s.name == name {
			return s, true
		}
	}
	return span{}, false
}

// TestOPS1ARequestIsOneTraceAcrossProcesses buys, and finds every process that had to do with it below the shopper's own span.
func TestOPS1ARequestIsOneTraceAcrossProcesses(t *testing.T) {
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	c := startCollector(t, trace)
	h := shop.StartHouse(t, shop.Setup{Apart: [][]string{{"inventory"}, {"payments"}},
		Settings: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url, "OTEL_BSP_SCHEDULE_DELAY=50"}})
	h.Sell("TRACED", 1000, 10)
	h.Settle()
	order := shop.AtOnce(shop.Line("TRACED", 1))
	order["email"] = "ada@traced.example"

	h.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", order, shop.Once(shop.NewKey()),
		shop.Header{Name: "Traceparent", Value: "00-" + trace + "-" + parent + "-01"})
	h.Must(http.StatusOK, http.MethodGet, "/admin/v1/stock-levels", nil, shop.Key(h.Owner), shop.Header{Name: "Traceparent", Value: "00-" + trace + "-" + parent + "-01"})

	above := map[[2]string][2]string{
		{"rialto", "inventory.Reserve"}:                             {"rialto", "POST /store/v1/checkouts"},
		{"rialto-inventory", "POST /internal/v1/inventory/Reserve"}: {"rialto", "inventory.Reserve"},
		{"rialto-payments", "POST /internal/v1/payments/Authorize"}: {"rialto", "payments.Authorize"},
		{"rialto-inventory", "GET /admin/v1/stock-levels"}:          {"rialto", "GET /admin/v1/stock-levels"},
	}
	for lower, upper := range above {
		require.Eventually(t, func() bool {
			_, below := c.find(lower[0], lower[1])
			_, over := c.find(upper[0], upper[1])
			return below && over
		}, time.Minute, 20*time.Millisecond, "%v under %v", lower, upper)
		below, _ := c.find(lower[0], lower[1])
		over, _ := c.find(upper[0], upper[1])
		assert.Equal(t, over.id, below.parent, "%v under %v", lower, upper)
	}
	first, _ := c.find("rialto", "POST /store/v1/checkouts")
	assert.Equal(t, parent, first.parent)
	statements := 0
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		statements += strings.Count(s.name, "sql ")
		for name, value := range s.facts {
			assert.NotContains(t, value, "ada@", "%s of %s", name, s.name)
		}
	}
	assert.Positive(t, statements)
}
