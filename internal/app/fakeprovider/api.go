package fakeprovider

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
)

const (
	contentType = "application/json"
	maxBody     = 64 << 10
)

// asked is the body of every POST; each operation wants its own members of it.
type asked struct {
	Reference string `json:"reference,omitempty"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency,omitempty"`
	Token     string `json:"token,omitempty"`
	ReturnURL string `json:"return_url,omitempty"`
}

// change serves an operation, once per idempotency key and as the script wants it.
func (p *Provider) change(op string) http.Handler {
	return p.guarded(func(w http.ResponseWriter, r *http.Request) {
		o, err := readOrder(op, r)
		if err != nil {
			refuse(w, err)
			return
		}
		rule := p.script.match(op, p.tokenOf(o))
		p.requests.count(op, o.key)
		if rule.before(p.life, w, r) {
			return
		}
		done, err := p.book.carryOut(rule.bend(o))
		if done.replayed {
			p.requests.countReplay(op, o.key)
			w.Header().Set("Idempotency-Replayed", "true")
		}
		p.announce(r, done, rule)
		if rule.after(p.life, w) {
			return
		}
		if err != nil {
			refuse(w, err)
			return
		}
		if done.movement != nil {
			answer(w, http.StatusCreated, done.movement)
			return
		}
		answer(w, http.StatusCreated, p.shown(done.authorization))
	})
}

// read serves an authorization as it is now.
func (p *Provider) read(op string, find func(*http.Request) (Authorization, bool)) http.Handler {
	return p.guarded(func(w http.ResponseWriter, r *http.Request) {
		found, ok := find(r)
		rule := p.script.match(op, found.token)
		p.requests.count(op, r.URL.Query().Get("key"))
		if rule.before(p.life, w, r) || rule.after(p.life, w) {
			return
		}
		if !ok {
			refuse(w, errNotFound())
			return
		}
		answer(w, http.StatusOK, p.shown(found))
	})
}

// guarded lets only those in who know the key.
func (p *Provider) guarded(next http.HandlerFunc) http.Handler {
	want := []byte("Bearer " + p.cfg.Key)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			refuse(w, errUnauthorized())
			return
		}
		next(w, r)
	})
}

func readOrder(op string, r *http.Request) (order, error) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return order{}, problem{http.StatusBadRequest, "idempotency_key_required", "Send an Idempotency-Key."}
	}
	var body asked
	if err := readJSON(r, &body); err != nil {
		return order{}, err
	}
	if op != OpVoid {
		if err := body.check(op); err != nil {
			return order{}, err
		}
	}
	id := r.PathValue("id")
	return order{op: op, key: key, request: body.hash(op, id), authorization: id, reference: body.Reference,
		amount: body.Amount, currency: body.Currency, token: body.Token, returnURL: body.ReturnURL}, nil
}

func (a asked) check(op string) error {
	if a.Amount < 0 {
		return invalid("amount is below 0")
	}
	if !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(a.Currency) {
		return invalid("currency is not a code of three capital letters")
	}
	if op == OpAuthorize && a.Reference == "" {
		return invalid("reference is missing")
	}
	if back, err := url.Parse(a.ReturnURL); err != nil || a.ReturnURL != "" && back.Scheme != "http" && back.Scheme != "https" {
		return invalid("return_url is not an http or https address")
	}
	return nil
}

func (a asked) hash(op, authorization string) string {
	canonical, _ := json.Marshal(a) // a struct of strings and a number always marshals
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s", op, authorization, canonical))
	return hex.EncodeToString(sum[:])
}

// bend makes of an order what the script wants. The order still answers to the key and the hash of what was asked.
func (r Rule) bend(o order) order {
	o.amount += r.WrongAmount
	if r.WrongCurrency != "" {
		o.currency = r.WrongCurrency
	}
	return o
}

func (p *Provider) tokenOf(o order) string {
	if o.op == OpAuthorize {
		return o.token
	}
	held, _ := p.book.find(o.authorization)
	return held.token
}

// shown adds what depends on where the provider can be reached now.
func (p *Provider) shown(a Authorization) Authorization {
	if a.Status == StatusActionRequired {
		a.RedirectURL = p.cfg.BaseURL + "/actions/" + a.ID
	}
	return a
}

// announce sends the event of what has just changed.
func (p *Provider) announce(r *http.Request, done outcome, rule Rule) {
	if done.changed == nil || p.cfg.EventsURL == "" || rule.NoEvents || eventType(*done.changed) == "" {
		return
	}
	sent := p.courier.pack(Event{ID: p.book.newID("evt"), Type: eventType(*done.changed), CreatedAt: done.changed.At,
		Account: p.cfg.Account, Mode: mode, Data: EventData{Authorization: p.shown(done.authorization), Movement: done.movement}})
	if rule.ReorderEvents {
		p.courier.sendAfterNext(sent, rule.EventCount)
		return
	}
	accepted := p.courier.send(sent, rule.EventCount, milliseconds(rule.EventDelayMS))
	if !rule.EventsBeforeAnswer {
		return
	}
	select {
	case <-accepted:
	case <-r.Context().Done():
	}
}

// readJSON reads an object; an empty body is an empty one. Unknown members are refused, because a misspelled one would
// otherwise be a failure that never happens.
func readJSON(r *http.Request, into any) error {
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return invalid(err.Error())
	}
	return nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, err error) {
	var p problem
	if !errors.As(err, &p) {
		p = problem{http.StatusInternalServerError, "internal_error", err.Error()}
	}
	answer(w, p.status, p)
}
