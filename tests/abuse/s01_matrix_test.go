package abuse

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// TestS01TheMatrix sends every operation of the document as every principal, for a thing of the principal's own, for one
// of somebody else's and for one that does not exist. What is to be answered follows from x-rialto-access and the roles.
func TestS01TheMatrix(t *testing.T) {
	t.Parallel()
	t.Run("S01 the document opens each path to the right ones", func(t *testing.T) {
		for _, op := range theDocument(t).operations {
			require.Equal(t, op.policy(), op.Access, "%s %s", op.Method, op.Pattern)
		}
	})
	w := newWorld(t)
	var all []visits
	for _, op := range w.document.rows() {
		all = append(all, w.visits(op))
	}
	w.Settle()
	for _, v := range all {
		t.Run("S01 "+v.operation+" turns away", func(t *testing.T) { w.in(t).turnAway(v) })
	}
	for _, v := range all {
		t.Run("S01 "+v.operation+" lets in", func(t *testing.T) { w.in(t).letIn(v) })
	}
}

const own = "own"

// visit is a call with the credentials of a principal, and what it is to be answered.
type visit struct {
	call
	principal, about, want string
	credentials            []shop.Header
}

// visits are those of all principals to an operation.
type visits struct {
	operation          string
	refused, permitted []visit
}

// visits makes all that they are about.
func (w *world) visits(op operation) visits {
	w.t.Helper()
	calls, all := w.calls(op), visits{operation: op.ID}
	for _, p := range w.principals() {
		all.refused = append(all.refused, w.refused(op, p, calls[p.who])...)
		all.permitted = append(all.permitted, w.permitted(op, p, calls[p.who][own])...)
	}
	return all
}

func (w *world) turnAway(all visits) {
	w.t.Helper()
	alike := map[string]shop.Answer{}
	w.unchanged(all.operation, func() {
		for _, v := range all.refused {
			answer := w.visit(v)
			group := v.principal + v.want + v.group()
			if first, known := alike[group]; known {
				requireAlike(w.t, first, answer)
			}
			alike[group] = answer
		}
	})
}

func (w *world) letIn(all visits) {
	w.t.Helper()
	for _, v := range all.permitted {
		w.visit(v)
	}
}

// calls are one for each case and each of the two shoppers. What belongs to no shopper is the same for both.
func (w *world) calls(op operation) [2]map[string]call {
	w.t.Helper()
	calls := [2]map[string]call{{}, {}}
	where, has := w.place(op)
	_, needsKey := op.Access.Scope()
	for who, s := range w.shoppers {
		if needsKey && who > 0 {
			calls[who] = calls[0]
			continue
		}
		cases := map[string][]string{own: nil}
		if has {
			mine := where.own(w, s)
			cases = where.others(mine, w.shoppers[1-who])
			cases[own] = mine
		}
		for about, named := range cases {
			calls[who][about] = w.call(op, s, named)
		}
	}
	return calls
}

// refused are the visits that have to fail.
func (w *world) refused(op operation, p principal, calls map[string]call) []visit {
	var found []visit
	for about, c := range calls {
		if want := p.answer(op, about == own); isRefusal(want) {
			found = append(found, visit{c, p.name, about, want, p.shows(w.shoppers[p.who])})
		}
	}
	return found
}

// permitted is the visit that has to succeed, if there is one. What changes things gets one that was not there before.
func (w *world) permitted(op operation, p principal, c call) []visit {
	w.t.Helper()
	want, who := p.answer(op, true), w.shoppers[p.who]
	if isRefusal(want) {
		return nil
	}
	if !op.reads() {
		if p.opens != nil {
			who = w.shopper()
		}
		var named []string
		if where, has := w.place(op); has {
			named = where.own(w, who)
		}
		c = w.call(op, who, named)
	}
	return []visit{{c, p.name, own, want, p.shows(who)}}
}

// visit sends a call and wants its answer.
func (w *world) visit(v visit) shop.Answer {
	w.t.Helper()
	answer := w.do(v.call, v.credentials...)
	require.Equal(w.t, v.want, told(answer), "%s %s as %s, %s: %s", v.method, v.path, v.principal, v.about, answer.Raw)
	return answer
}

// group is what the refusals of a principal have in common that must look alike. Whoever holds the token of a cart may
// learn that it is the line that does not exist.
func (v visit) group() string {
	kind, _, _ := strings.Cut(v.about, ":")
	if v.about == own || !strings.HasPrefix(v.want, "404") {
		return ""
	}
	return kind
}

// requireAlike wants two refusals to tell the same, but for what names the request.
func requireAlike(t testing.TB, a, b shop.Answer) {
	t.Helper()
	require.Equal(t, anonymous(a), anonymous(b))
	require.Equal(t, telling(a.Header), telling(b.Header))
}

func anonymous(a shop.Answer) shop.Object {
	body := maps.Clone(a.Body)
	delete(body, "request_id")
	delete(body, "instance")
	return body
}

func telling(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Date")
	h.Del("X-Request-Id")
	return h
}
