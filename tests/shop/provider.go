package shop

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
)

// ProviderEvents is where the server takes the events of the provider.
const ProviderEvents = "/hooks/v1/payments/fake"

const (
	providerKey    = "sk_of_a_test_house"
	providerSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// Provider is a fake payment provider, a process of its own. Its methods fail the test, so they are for the test's own
// goroutine.
type Provider struct {
	URL string

	t       testing.TB
	process *process
	client  *http.Client
	journal string
}

// providerSettings tell a server of the provider.
func providerSettings(address string) []string {
	return []string{"RIALTO_PROVIDER_URL=http://" + address, "RIALTO_PROVIDER_KEY=" + providerKey, "RIALTO_PROVIDER_EVENTS_SECRET=" + providerSecret}
}

// Journal is every operation that took effect.
func (p *Provider) Journal() []fakeprovider.Entry {
	p.t.Helper()
	var answer struct{ Entries []fakeprovider.Entry }
	p.control(http.MethodGet, "journal", nil, &answer)
	return answer.Entries
}

// Entries are those of the journal about a reference.
func (p *Provider) Entries(reference string) []fakeprovider.Entry {
	p.t.Helper()
	return p.written(reference, func(e fakeprovider.Entry) bool { return e.Reference == reference })
}

// Count is how many entries of an operation the journal holds about a reference, or about all when it is empty.
func (p *Provider) Count(op, reference string) int {
	p.t.Helper()
	return len(p.written(reference, func(e fakeprovider.Entry) bool { return e.Op == op && (reference == "" || e.Reference == reference) }))
}

// written reads the journal where it is kept, which is quicker than to ask for all of it. It looks only at lines that mention
// a word; one without an end is being written.
func (p *Provider) written(word string, fits func(fakeprovider.Entry) bool) (found []fakeprovider.Entry) {
	p.t.Helper()
	text, err := os.ReadFile(p.journal)
	require.NoError(p.t, err)
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) || !bytes.Contains(line, []byte(word)) {
			continue
		}
		var e fakeprovider.Entry
		require.NoError(p.t, json.Unmarshal(line, &e))
		if fits(e) {
			found = append(found, e)
		}
	}
	return found
}

// Requests counts what was asked since the provider started, by operation and by idempotency key.
func (p *Provider) Requests() fakeprovider.Requests {
	p.t.Helper()
	var answer fakeprovider.Requests
	p.control(http.MethodGet, "requests", nil, &answer)
	return answer
}

// Deliveries are all tries to hand over an event since the provider started.
func (p *Provider) Deliveries() []fakeprovider.Delivery {
	p.t.Helper()
	var answer struct{ Deliveries []fakeprovider.Delivery }
	p.control(http.MethodGet, "deliveries", nil, &answer)
	return answer.Deliveries
}

// Script replaces what goes wrong.
func (p *Provider) Script(rules ...fakeprovider.Rule) {
	p.t.Helper()
	p.control(http.MethodPut, "script", Object{"rules": rules}, nil)
}

// ClearScript lets nothing go wrong any more.
func (p *Provider) ClearScript() {
	p.t.Helper()
	p.control(http.MethodDelete, "script", nil, nil)
}

// SendEvent sends an event by hand, and returns it when every copy was answered, whatever the answer was.
func (p *Provider) SendEvent(wanted fakeprovider.Announcement) fakeprovider.Event {
	p.t.Helper()
	var sent fakeprovider.Event
	before := len(p.triesOf(wanted.ID))
	p.control(http.MethodPost, "events", wanted, &sent)
	require.Eventually(p.t, func() bool { return len(p.triesOf(sent.ID)) >= before+max(wanted.Count, 1) }, waitLimit, probeEvery, "event was not answered")
	return sent
}

// triesOf are the deliveries of an event that were answered.
func (p *Provider) triesOf(id string) []fakeprovider.Delivery {
	p.t.Helper()
	var tries []fakeprovider.Delivery
	for _, d := range p.Deliveries() {
		if d.Event == id && d.Status != 0 {
			tries = append(tries, d)
		}
	}
	return tries
}

// Decide settles a pending authorization as authorized or declined.
func (p *Provider) Decide(authorization, status string) {
	p.t.Helper()
	p.control(http.MethodPost, "authorizations/"+authorization+"/decide", Object{"status": status}, nil)
}

// Expire ends the authorization that was made with a key.
func (p *Provider) Expire(key string) {
	p.t.Helper()
	p.control(http.MethodPost, "expire", Object{"key": key}, nil)
}

// Do asks the provider as a shop would, and answers the status; into takes the body when it is not nil.
func (p *Provider) Do(method, path, key string, body, into any) int {
	p.t.Helper()
	encoded, err := json.Marshal(body)
	require.NoError(p.t, err)
	req, err := http.NewRequest(method, p.URL+path, bytes.NewReader(encoded))
	require.NoError(p.t, err)
	req.Header.Set("Authorization", "Bearer "+providerKey)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := p.client.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = res.Body.Close() }()
	if into != nil {
		require.NoError(p.t, json.NewDecoder(res.Body).Decode(into))
	}
	return res.StatusCode
}

// Find answers the authorization that was made with a key, as it is now.
func (p *Provider) Find(key string) (fakeprovider.Authorization, bool) {
	p.t.Helper()
	var found fakeprovider.Authorization
	status := p.Do(http.MethodGet, "/v1/authorizations?key="+url.QueryEscape(key), "", nil, &found)
	return found, status == http.StatusOK
}

// Signed are the headers of an event that a test sends itself, to ProviderEvents.
func (p *Provider) Signed(id string, at time.Time, body []byte) []Header {
	p.t.Helper()
	signer, err := standardwebhooks.NewWebhook(providerSecret)
	require.NoError(p.t, err)
	signature, err := signer.Sign(id, at, body)
	require.NoError(p.t, err)
	return []Header{{standardwebhooks.HeaderWebhookID, id}, {standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10)},
		{standardwebhooks.HeaderWebhookSignature, signature}}
}

// Kill ends the provider with SIGKILL. The journal stays; script, counts and events on their way are gone.
func (p *Provider) Kill() {
	p.t.Helper()
	require.NoError(p.t, p.process.kill())
}

// Start runs a provider that is not running, and returns when it answers.
func (p *Provider) Start() {
	p.t.Helper()
	require.NoError(p.t, p.process.start())
	require.Eventually(p.t, func() bool {
		req, err := http.NewRequest(http.MethodGet, p.URL+"/control/requests", nil)
		return err == nil && ask(p.client, req, nil) == nil
	}, startLimit, probeEvery, "the provider does not answer: %s", p.process.log)
}

// Restart kills the provider and starts it again.
func (p *Provider) Restart() {
	p.t.Helper()
	p.Kill()
	p.Start()
}

// Forget restarts the provider without its journal, as one that lost everything.
func (p *Provider) Forget() {
	p.t.Helper()
	p.Kill()
	require.NoError(p.t, os.Remove(p.journal))
	p.Start()
}

func (p *Provider) control(method, path string, body, into any) {
	p.t.Helper()
	encoded, err := json.Marshal(body)
	require.NoError(p.t, err)
	req, err := http.NewRequest(method, p.URL+"/control/"+path, bytes.NewReader(encoded))
	require.NoError(p.t, err)
	require.NoError(p.t, ask(p.client, req, into))
}
