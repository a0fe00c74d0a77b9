package fakeprovider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key    = "sk_test"
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	limit  = 10 * time.Second
	often  = 5 * time.Millisecond
)

// bank is a provider that listens, and the shop it sends its events to.
type bank struct {
	t       *testing.T
	url     string
	journal string
	shop    *shop
	client  *http.Client
	stop    func()
}

// shop takes events. It checks each signature and answers what accept says.
type shop struct {
	*httptest.Server
	mu     sync.Mutex
	got    []event
	accept func(event) int
}

type event struct {
	fakeprovider.Event
	Raw string
	At  string
}

type reply struct {
	status int
	header http.Header
	raw    string
	fakeprovider.Authorization
	Code string `json:"code"`
}

func openBank(t *testing.T) *bank {
	t.Helper()
	b := &bank{t: t, journal: filepath.Join(t.TempDir(), "journal"), shop: newShop(t), client: &http.Client{Timeout: limit,
		// On a kept connection Go itself would repeat a request with an idempotency key whose answer is lost.
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	b.start()
	t.Cleanup(func() { b.stop() })
	return b
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{accept: func(event) int { return http.StatusOK }}
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || verifier.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		e := event{Raw: string(body), At: r.Header.Get("webhook-timestamp")}
		if json.Unmarshal(body, &e.Event) != nil || e.ID != r.Header.Get("webhook-id") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(s.take(e))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) take(e event) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, e)
	return s.accept(e)
}

func (s *shop) events() []event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]event(nil), s.got...)
}

func (s *shop) types() []string {
	var types []string
	for _, e := range s.events() {
		types = append(types, e.Type)
	}
	return types
}

func (b *bank) start() {
	b.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b.t, err)
	b.url = "http://" + listener.Addr().String()
	p, err := fakeprovider.Open(fakeprovider.Config{Journal: b.journal, Key: key, EventsURL: b.shop.URL, EventsSecret: secret, BaseURL: b.url})
	require.NoError(b.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, listener) }()
	b.stop = func() {
		b.stop = func() {}
		cancel()
		require.NoError(b.t, <-served)
		require.NoError(b.t, p.Close())
	}
}

func (b *bank) restart() {
	b.t.Helper()
	b.stop()
	b.start()
}

func (b *bank) try(method, path, idempotencyKey string, body any) (reply, error) {
	encoded, err := json.Marshal(body)
	require.NoError(b.t, err)
	req, err := http.NewRequest(method, b.url+path, bytes.NewReader(encoded))
	require.NoError(b.t, err)
	req.Header.Set("Authorization", "Bearer "+key)
	if idempotencyKey != "" {
		req.Header.Set("Idempotency-Key", idempotencyKey)
	}
	res, err := b.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	answer := reply{status: res.StatusCode, header: res.Header, raw: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		_ = json.Unmarshal(raw, &answer)
	}
	return answer, nil
}

func (b *bank) send(method, path, idempotencyKey string, body any) reply {
	b.t.Helper()
	answer, err := b.try(method, path, idempotencyKey, body)
	require.NoError(b.t, err)
	return answer
}

type object map[string]any

func wants(token string) object {
	return object{"reference": "co_1", "amount": 1000, "currency": "EUR", "token": token}
}

func euros(amount int64) object { return object{"amount": amount, "currency": "EUR"} }

func (b *bank) authorize(idempotencyKey, token string) reply {
	b.t.Helper()
	return b.send(http.MethodPost, "/v1/authorizations", idempotencyKey, wants(token))
}

func (b *bank) act(id, action, idempotencyKey string, body any) reply {
	b.t.Helper()
	return b.send(http.MethodPost, "/v1/authorizations/"+id+"/"+action, idempotencyKey, body)
}

func (b *bank) script(rules ...fakeprovider.Rule) {
	b.t.Helper()
	set := b.send(http.MethodPut, "/control/script", "", object{"rules": rules})
	require.Equal(b.t, http.StatusNoContent, set.status, set.raw)
}

func (b *bank) entries() []fakeprovider.Entry {
	b.t.Helper()
	var answer struct{ Entries []fakeprovider.Entry }
	require.NoError(b.t, json.Unmarshal([]byte(b.send(http.MethodGet, "/control/journal", "", nil).raw), &answer))
	return answer.Entries
}

func (b *bank) operations() []string {
	b.t.Helper()
	var ops []string
	for _, e := range b.entries() {
		ops = append(ops, e.Op)
	}
	return ops
}

// told waits until the shop was told exactly these.
func (b *bank) told(types ...string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return len(b.shop.events()) >= len(types) }, limit, often, "events %v", b.shop.types())
	require.ElementsMatch(b.t, types, b.shop.types())
}
