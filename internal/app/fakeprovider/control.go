package fakeprovider

import (
	"maps"
	"net/http"
	"sync"
	"time"
)

// Count is how often something was asked, and how many of these requests were answered from memory.
type Count struct {
	Requests int `json:"requests"`
	Replayed int `json:"replayed"`
}

// Requests counts by operation and by idempotency key.
type Requests struct {
	Operations map[string]Count `json:"operations"`
	Keys       map[string]Count `json:"keys"`
}

// Announcement is an event to send by hand. What it leaves out is as in the authorization that it names by id or key;
// one that does not exist is made up.
type Announcement struct {
	Authorization string     `json:"authorization,omitempty"`
	Key           string     `json:"key,omitempty"`
	Type          string     `json:"type"`
	ID            string     `json:"id,omitempty"`
	DelayMS       int        `json:"delay_ms,omitempty"`
	Count         int        `json:"count,omitempty"`
	CreatedAt     *time.Time `json:"created_at,omitempty"`
	// Amount is that of the movement where the type is about one.
	Amount    *int64 `json:"amount,omitempty"`
	Currency  string `json:"currency,omitempty"`
	Account   string `json:"account,omitempty"`
	Reference string `json:"reference,omitempty"`
	Mode      string `json:"mode,omitempty"`
}

// requests counts since the start of the process; what took effect is in the journal.
type requests struct {
	mu     sync.Mutex
	counts Requests
}

func newRequests() *requests {
	return &requests{counts: Requests{Operations: map[string]Count{}, Keys: map[string]Count{}}}
}

func (c *requests) count(op, key string)       { c.add(op, key, Count{Requests: 1}) }
func (c *requests) countReplay(op, key string) { c.add(op, key, Count{Replayed: 1}) }

func (c *requests) add(op, key string, more Count) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Operations[op] = c.counts.Operations[op].plus(more)
	if key != "" {
		c.counts.Keys[key] = c.counts.Keys[key].plus(more)
	}
}

func (c Count) plus(more Count) Count {
	return Count{Requests: c.Requests + more.Requests, Replayed: c.Replayed + more.Replayed}
}

func (c *requests) all() Requests {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Requests{Operations: maps.Clone(c.counts.Operations), Keys: maps.Clone(c.counts.Keys)}
}

func (p *Provider) mountControl(mux *http.ServeMux) {
	mux.HandleFunc("GET /control/journal", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string][]Entry{"entries": p.book.all()})
	})
	mux.HandleFunc("GET /control/deliveries", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string][]Delivery{"deliveries": p.courier.all()})
	})
	mux.HandleFunc("GET /control/requests", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, p.requests.all())
	})
	mux.HandleFunc("PUT /control/script", p.setScript)
	mux.HandleFunc("DELETE /control/script", func(w http.ResponseWriter, _ *http.Request) {
		p.script.set(nil)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /control/events", p.sendByHand)
	mux.HandleFunc("POST /control/authorizations/{id}/decide", p.decideByHand)
	mux.HandleFunc("POST /control/expire", p.expire)
}

func (p *Provider) setScript(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Rules []Rule `json:"rules"`
	}
	if err := readJSON(r, &body); err != nil {
		refuse(w, err)
		return
	}
	p.script.set(body.Rules)
	w.WriteHeader(http.StatusNoContent)
}

func (p *Provider) decideByHand(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Status string `json:"status"`
	}
	if err := readJSON(r, &body); err != nil {
		refuse(w, err)
		return
	}
	op, ok := map[string]string{StatusAuthorized: OpApprove, StatusDeclined: OpDecline}[body.Status]
	if !ok {
		refuse(w, invalid("status is neither authorized nor declined"))
		return
	}
	p.doByHand(w, r, order{op: op, authorization: r.PathValue("id")})
}

func (p *Provider) expire(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Key string `json:"key"`
	}
	if err := readJSON(r, &body); err != nil {
		refuse(w, err)
		return
	}
	a, _ := p.book.findByKey(body.Key)
	p.doByHand(w, r, order{op: OpExpire, authorization: a.ID})
}

func (p *Provider) doByHand(w http.ResponseWriter, r *http.Request, o order) {
	rule := p.script.match(o.op, p.tokenOf(o))
	done, err := p.book.carryOut(o)
	if err != nil {
		refuse(w, err)
		return
	}
	p.announce(r, done, rule)
	answer(w, http.StatusOK, p.shown(done.authorization))
}

func (p *Provider) sendByHand(w http.ResponseWriter, r *http.Request) {
	var wanted Announcement
	if err := readJSON(r, &wanted); err != nil {
		refuse(w, err)
		return
	}
	if p.cfg.EventsURL == "" {
		refuse(w, conflict("no_events_url", "The provider was told no address for events."))
		return
	}
	e := p.compose(wanted)
	p.courier.send(p.courier.pack(e), wanted.Count, milliseconds(wanted.DelayMS))
	answer(w, http.StatusAccepted, e)
}

// compose makes the event that is wanted, true or not.
func (p *Provider) compose(wanted Announcement) Event {
	a, known := p.book.find(wanted.Authorization)
	if wanted.Key != "" {
		a, known = p.book.findByKey(wanted.Key)
	}
	if !known {
		a = Authorization{ID: wanted.Authorization, Account: p.cfg.Account, Mode: mode}
	}
	e := Event{ID: wanted.ID, Type: wanted.Type, CreatedAt: p.book.now().UTC(), Account: or(wanted.Account, p.cfg.Account), Mode: or(wanted.Mode, mode)}
	if e.ID == "" {
		e.ID = p.book.newID("evt")
	}
	if wanted.CreatedAt != nil {
		e.CreatedAt = *wanted.CreatedAt
	}
	a.Account, a.Mode = e.Account, e.Mode
	a.Reference, a.Currency = or(wanted.Reference, a.Reference), or(wanted.Currency, a.Currency)
	a.Status = or(told(wanted.Type), a.Status)
	e.Data = EventData{Authorization: p.shown(a), Movement: p.movementFor(wanted, a)}
	if e.Data.Movement == nil && wanted.Amount != nil {
		e.Data.Authorization.Amount = *wanted.Amount
	}
	return e
}

// movementFor is the newest movement of the kind that an event tells of, or one made up; nil for other events.
func (p *Provider) movementFor(wanted Announcement, a Authorization) *Movement {
	op, ok := map[string]string{eventCaptured: OpCapture, eventRefunded: OpRefund}[wanted.Type]
	if !ok {
		return nil
	}
	m := p.book.lastMovement(op, a.ID)
	if m == nil {
		m = &Movement{ID: p.book.newID(map[string]string{OpCapture: "cap", OpRefund: "rf"}[op]), Authorization: a.ID, Amount: a.Amount, Status: StatusSucceeded}
	}
	m.Currency = a.Currency
	if wanted.Amount != nil {
		m.Amount = *wanted.Amount
	}
	return m
}

// told is the status that an event of a type tells of.
func told(kind string) string {
	return map[string]string{eventAuthorized: StatusAuthorized, eventDeclined: StatusDeclined, eventExpired: StatusExpired, eventVoided: StatusVoided}[kind]
}

func or(wanted, otherwise string) string {
	if wanted != "" {
		return wanted
	}
	return otherwise
}
