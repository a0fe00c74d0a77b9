package ordersmod_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorytest"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/ordersmod"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/paymentstest"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

const baseURL = "https://shop.example"

// shop is the module on Postgres with the other modules in memory, and its API behind the contract. Its pool has two
// connections, so that a call to another module inside a transaction would hang visibly.
type shop struct {
	*testing.T
	db        *testdb.Database
	module    *ordersmod.Module
	payments  payments.Service
	inventory *inventorytest.Fake
	parcels   *parcels
	fuse      *fuse
	api       http.Handler
	// violated says that the test broke the promises itself.
	violated *bool
}

func open(t *testing.T) shop {
	t.Helper()
	s := shop{T: t, db: testdb.New(t), payments: paymentstest.NewFake(), inventory: inventorytest.NewFake(time.Now),
		parcels: &parcels{byID: map[string]fulfillment.Shipment{}}, fuse: &fuse{}, violated: new(bool)}
	pool, err := sqldb.Open(t.Context(), sqldb.Config{DSN: s.db.ModuleDSN("orders"), MaxOpen: 2})
	require.NoError(t, err)
	subscribers := map[string][]outbox.Subscriber{orders.OrderPlaced{}.EventName(): {{Name: "inventory.confirm"}}}
	s.module = ordersmod.New(ordersmod.Deps{DB: pool, Background: pool, Outbox: outbox.New("orders", subscribers, ids.New),
		Now: time.Now, NewID: ids.New, Tokens: tokens.NewKeyring([]byte("a secret of this test")),
		Cursors: pagination.NewCodec([]byte("a key of this test")), BaseURL: baseURL,
		Payments: fusedPayments{s.payments, s.fuse}, Inventory: fusedInventory{s.inventory, s.fuse},
		Fulfillment: fusedFulfillment{s.parcels, s.fuse}})
	s.api = s.mount()
	s.stock("TEE", "MUG")
	t.Cleanup(func() {
		if !t.Failed() && !*s.violated {
			violations, err := s.module.Verify(context.Background())
			require.NoError(t, err)
			require.Empty(t, violations)
		}
		require.NoError(t, pool.Close())
	})
	return s
}

// document is read once, since that takes longer than most tests.
var document = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Load(api.Document(), contract.Options{CheckResponses: true})
})

// mount checks requests and answers against the API document.
func (s shop) mount() http.Handler {
	s.Helper()
	c, err := document()
	require.NoError(s, err)
	router := chi.NewRouter()
	router.Use(pagination.Remember)
	s.module.Mount(router.With(c.Middlewares(func(_ context.Context, r *http.Request) (identity.Identity, error) {
		return identity.Identity{Kind: identity.APIKey, KeyID: r.Header.Get("Authorization"), Scopes: []string{"orders:read", "orders:write"}}, nil
	})...))
	return router
}

// answer is what the API said.
type answer struct {
	*httptest.ResponseRecorder
}

func (s shop) call(r *http.Request) answer {
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, r)
	return answer{recorder}
}

func (s shop) get(path string) answer {
	return s.call(httptest.NewRequestWithContext(s.Context(), http.MethodGet, path, http.NoBody))
}

// post sends a command under an Idempotency-Key; an empty key is left out.
func (s shop) post(path, key string, body any) answer {
	s.Helper()
	text, err := json.Marshal(body)
	require.NoError(s, err)
	r := httptest.NewRequestWithContext(s.Context(), http.MethodPost, path, bytes.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "staff")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return s.call(r)
}

// code is the code of a problem.
func (a answer) code(s shop) string {
	s.Helper()
	return read[struct{ Code string }](s, a).Code
}

func read[T any](s shop, a answer) T {
	s.Helper()
	var value T
	require.NoError(s, json.Unmarshal(a.Body.Bytes(), &value), a.Body.String())
	return value
}

func created[T any](s shop, a answer) T {
	s.Helper()
	require.Equal(s, http.StatusCreated, a.Code, a.Body.String())
	return read[T](s, a)
}

func (s shop) refused(a answer, status int, code string) {
	s.Helper()
	require.Equal(s, status, a.Code, a.Body.String())
	require.Equal(s, code, a.code(s))
}

var errBroken = errors.New("the connection broke")

// fuse breaks one call, before or after it was carried out, the next time it comes by. What meanwhile holds for a place
// happens there, once, and its error is the call's.
type fuse struct {
	mu        sync.Mutex
	at        string
	meanwhile map[string]func() error
}

func (f *fuse) visit(at string) error {
	f.mu.Lock()
	do := f.meanwhile[at]
	delete(f.meanwhile, at)
	f.mu.Unlock()
	if do == nil {
		return nil
	}
	return do()
}

func (f *fuse) set(at string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = at
}

func (f *fuse) blows(at string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at != at {
		return false
	}
	f.at = ""
	return true
}

func fused[Req, Answer any](ctx context.Context, f *fuse, name string, do func(context.Context, Req) (Answer, error), req Req) (Answer, error) {
	var none Answer
	if f.blows("before " + name) {
		return none, errBroken
	}
	if err := f.visit("before " + name); err != nil {
		return none, err
	}
	got, err := do(ctx, req)
	if err == nil {
		err = f.visit("after " + name)
	}
	if f.blows("after " + name) {
		return none, errBroken
	}
	return got, err
}

type fusedPayments struct {
	payments.Service
	fuse *fuse
}

func (p fusedPayments) Capture(ctx context.Context, req payments.CaptureRequest) (payments.CaptureAnswer, error) {
	return fused(ctx, p.fuse, "capture", p.Service.Capture, req)
}

func (p fusedPayments) Refund(ctx context.Context, req payments.RefundRequest) (payments.RefundAnswer, error) {
	return fused(ctx, p.fuse, "refund", p.Service.Refund, req)
}

func (p fusedPayments) Void(ctx context.Context, req payments.VoidRequest) (payments.Attempt, error) {
	return fused(ctx, p.fuse, "void", p.Service.Void, req)
}

type fusedInventory struct {
	inventory.Service
	fuse *fuse
}

func (i fusedInventory) Ship(ctx context.Context, req inventory.ShipRequest) (inventory.ShipAnswer, error) {
	return fused(ctx, i.fuse, "ship", i.Service.Ship, req)
}

func (i fusedInventory) Deallocate(ctx context.Context, req inventory.DeallocateRequest) (inventory.DeallocateAnswer, error) {
	return fused(ctx, i.fuse, "deallocate", i.Service.Deallocate, req)
}

type fusedFulfillment struct {
	fulfillment.Service
	fuse *fuse
}

func (f fusedFulfillment) CreateShipment(ctx context.Context, req fulfillment.CreateShipmentRequest) (fulfillment.Shipment, error) {
	return fused(ctx, f.fuse, "shipment", f.Service.CreateShipment, req)
}

// parcels is the part of a fulfillment.Service that orders use, in memory.
type parcels struct {
	fulfillment.Service
	mu   sync.Mutex
	byID map[string]fulfillment.Shipment
	list []string
}

func (p *parcels) CreateShipment(_ context.Context, req fulfillment.CreateShipmentRequest) (fulfillment.Shipment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if first, ok := p.byID[req.Shipment.ID]; ok {
		return first, nil
	}
	req.Shipment.CreatedAt = time.Unix(int64(len(p.list)), 0)
	p.byID[req.Shipment.ID] = req.Shipment
	p.list = append(p.list, req.Shipment.ID)
	return req.Shipment, nil
}

func (p *parcels) Shipments(_ context.Context, req fulfillment.ShipmentsRequest) (fulfillment.ShipmentsAnswer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var sent fulfillment.ShipmentsAnswer
	for _, id := range p.list {
		if p.byID[id].OrderID == req.OrderID {
			sent.Shipments = append(sent.Shipments, p.byID[id])
		}
	}
	return sent, nil
}

// atOnce runs n calls that start together.
func atOnce(n int, call func(i int) answer) []answer {
	answers := make([]answer, n)
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			<-start
			answers[i] = call(i)
		})
	}
	close(start)
	running.Wait()
	return answers
}

// count answers how many calls ended with each status.
func count(answers []answer) map[int]int {
	statuses := map[int]int{}
	for _, a := range answers {
		statuses[a.Code]++
	}
	return statuses
}
