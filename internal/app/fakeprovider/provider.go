package fakeprovider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// DefaultAccount is the merchant's account when none is configured.
const DefaultAccount = "acct_test"

const headerTimeout = 5 * time.Second

// Config is what a provider needs to know.
type Config struct {
	// Journal is the path of the journal; it is made when it is not there.
	Journal string
	// Key is what a shop must show.
	Key string
	// EventsURL is where events go, signed with EventsSecret ("whsec_" and base64). Empty: nobody is told.
	EventsURL, EventsSecret string
	// Account is the merchant's; empty: DefaultAccount.
	Account string
	// BaseURL is where shoppers reach the provider, for the pages that ask them.
	BaseURL string
}

// Provider is an open provider.
type Provider struct {
	cfg      Config
	book     *book
	script   *script
	requests *requests
	courier  *courier
	life     context.Context
	end      context.CancelFunc
}

// Open reads the journal. Close the provider after use.
func Open(cfg Config) (*Provider, error) {
	if cfg.Account == "" {
		cfg.Account = DefaultAccount
	}
	signer, err := standardwebhooks.NewWebhook(cfg.EventsSecret)
	if err != nil {
		return nil, fmt.Errorf("secret for events: %w", err)
	}
	file, entries, err := openJournal(cfg.Journal)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	b := &book{account: cfg.Account, now: time.Now, newID: newID, journal: file,
		authorizations: map[string]Authorization{}, made: map[string]string{}, answers: map[string]remembered{}}
	b.load(entries)
	life, end := context.WithCancel(context.Background())
	return &Provider{cfg: cfg, book: b, script: &script{}, requests: newRequests(), life: life, end: end,
		courier: &courier{url: cfg.EventsURL, signer: signer, now: time.Now, life: life,
			client: &http.Client{Timeout: deliveryTimeout, Transport: &http.Transport{}}}}, nil
}

func newID(prefix string) string { return ids.Encode(prefix, ids.New()) }

// Close ends what is on its way, without waiting for those who do not answer, and closes the journal.
func (p *Provider) Close() error {
	p.end()
	p.courier.errand.Wait()
	p.courier.client.CloseIdleConnections()
	return p.book.journal.close()
}

// Handler serves the protocol, the shoppers' pages and the control.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /v1/authorizations", p.change(OpAuthorize))
	mux.Handle("POST /v1/authorizations/{id}/captures", p.change(OpCapture))
	mux.Handle("POST /v1/authorizations/{id}/refunds", p.change(OpRefund))
	mux.Handle("POST /v1/authorizations/{id}/voids", p.change(OpVoid))
	mux.Handle("GET /v1/authorizations", p.read(OpLookup, func(r *http.Request) (Authorization, bool) {
		return p.book.findByKey(r.URL.Query().Get("key"))
	}))
	mux.Handle("GET /v1/authorizations/{id}", p.read(OpRead, func(r *http.Request) (Authorization, bool) {
		return p.book.find(r.PathValue("id"))
	}))
	mux.HandleFunc("GET /actions/{id}", p.showAction)
	mux.HandleFunc("POST /actions/{id}/approve", p.decideAction(OpApprove))
	mux.HandleFunc("POST /actions/{id}/decline", p.decideAction(OpDecline))
	p.mountControl(mux)
	return mux
}

// Serve answers on the listener until ctx ends, and then hangs up on everybody.
func (p *Provider) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: p.Handler(), ReadHeaderTimeout: headerTimeout}
	stop := context.AfterFunc(ctx, func() {
		p.end()
		_ = server.Close()
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
