//go:build faults

package faults

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	carts = "/store/v1/carts"
	shelf = "/store/v1/products?limit=3"
)

// Kinds of requests.
const (
	alive   = "alive"   // asks nothing but whether the process lives
	browse  = "browse"  // a page of products that was shown before
	look    = "look"    // a cart that exists, which nobody but its owner may see, so that nobody keeps it
	collect = "collect" // makes a cart
	buy     = "buy"     // makes an order
)

// visit is one request of a shopper, and what became of it.
type visit struct {
	kind  string
	began time.Time
	took  time.Duration
	wish  wish
	said  shop.Answer
	err   error
}

func (v visit) ended() time.Time { return v.began.Add(v.took) }

// done tells whether the shopper was told that it was done.
func (v visit) done() bool {
	return v.err == nil && (v.said.Status == http.StatusOK || v.said.Status == http.StatusCreated)
}

func (v visit) String() string {
	return fmt.Sprintf("%s: %d %s after %s, %v", v.kind, v.said.Status, v.said.Code(), v.took, v.err)
}

// traffic is shoppers who come at a steady rate, whether those before them were served or not.
type traffic struct {
	stage
	shelf string // the body of what browse shows
	cart  shop.Cart
	over  func()
	going sync.WaitGroup

	mu     sync.Mutex
	visits []visit
}

// visitors has shoppers of these kinds in turn come to the first server until end.
func (s stage) visitors(perSecond int, kinds ...string) *traffic {
	s.t.Helper()
	over := make(chan struct{})
	tr := &traffic{stage: s, over: sync.OnceFunc(func() { close(over) }), shelf: string(s.Must(http.StatusOK, http.MethodGet, shelf, nil).Raw)}
	created := s.Must(http.StatusCreated, http.MethodPost, carts, shop.Object{"lines": basket()})
	tr.cart = shop.Cart{ID: created.Body.Text("id"), Token: created.Body.Text("token")}
	s.t.Cleanup(func() { tr.end() })
	tr.going.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			case <-tick.C:
				tr.going.Go(func() { tr.come(kinds[i%len(kinds)]) })
			}
		}
	})
	return tr
}

// end sends no more visitors, waits until all were answered and answers what they were told.
func (tr *traffic) end() []visit {
	tr.over()
	tr.going.Wait()
	return tr.visits
}

// count is how many visitors were answered so far.
func (tr *traffic) count(fits func(v visit) bool) int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	n := 0
	for _, v := range tr.visits {
		if fits(v) {
			n++
		}
	}
	return n
}

func (tr *traffic) come(kind string) {
	v := visit{kind: kind, began: time.Now()}
	switch kind {
	case alive:
		v.said, v.err = tr.Try(http.MethodGet, "/livez", nil)
	case browse:
		v.said, v.err = tr.Try(http.MethodGet, shelf, nil)
	case look:
		v.said, v.err = tr.Try(http.MethodGet, carts+"/"+tr.cart.ID, nil, shop.CartToken(tr.cart.Token))
	case collect:
		v.wish = wish{key: shop.NewKey(), body: shop.Object{"lines": basket()}}
		v.said, v.err = tr.collects(v.wish)
	case buy:
		v.wish = tr.atOnce()
		v.said, v.err = tr.ask(0, v.wish)
	}
	v.took = time.Since(v.began)
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.visits = append(tr.visits, v)
}

func (s stage) collects(w wish) (shop.Answer, error) {
	return s.Try(http.MethodPost, carts, w.body, shop.Once(w.key))
}

// requireHonest wants each visitor to have been given what there is, or to be told when to come back: nobody is told that
// something is not there, or that it is empty.
func (tr *traffic) requireHonest(visits []visit) {
	tr.t.Helper()
	for _, v := range visits {
		require.NoError(tr.t, v.err, "%s", v)
		switch {
		case v.said.Status == http.StatusServiceUnavailable && v.kind != alive:
			require.NotEmpty(tr.t, v.said.Header.Get("Retry-After"), "%s", v)
			require.Contains(tr.t, []string{"unavailable", "overloaded", "timeout"}, v.said.Code(), "%s", v)
		case v.kind == browse:
			require.Equal(tr.t, http.StatusOK, v.said.Status, "%s", v)
			require.Equal(tr.t, tr.shelf, string(v.said.Raw))
		case v.kind == alive, v.kind == look:
			require.Equal(tr.t, http.StatusOK, v.said.Status, "%s: %s", v, v.said.Raw)
		case v.kind == buy && v.said.Status == http.StatusAccepted:
			require.NotEmpty(tr.t, v.said.Header.Get("Retry-After"), "%s", v)
		default:
			require.Equal(tr.t, http.StatusCreated, v.said.Status, "%s: %s", v, v.said.Raw)
		}
	}
}

// requireOnce lets everybody who was not served come back with the same key. In the end each has one order or cart, those
// included who were served before: nothing that was acknowledged is lost, and nothing was done twice.
func (tr *traffic) requireOnce(visits []visit) {
	tr.t.Helper()
	byKind := map[string][]string{}
	var back []visit
	for _, v := range visits {
		if v.wish.key == "" {
			continue
		}
		byKind[v.kind] = append(byKind[v.kind], v.wish.key)
		if !v.done() {
			back = append(back, v)
		}
	}
	tr.requireKnown(visits)
	tr.comeBack(back)
	const bought = `SELECT count(*) FROM orders.orders o JOIN checkout.attempts a USING (reference) WHERE a.idempotency_key = ANY($1)`
	require.EqualValues(tr.t, len(byKind[buy]), tr.Int(bought, byKind[buy]))
	tr.t.Logf("%d visits, %d orders, %d carts, %d of them on a further try", len(visits), len(byKind[buy]), len(byKind[collect]), len(back))
}

// requireKnown wants what was acknowledged to be there.
func (tr *traffic) requireKnown(visits []visit) {
	tr.t.Helper()
	for _, v := range visits {
		if v.kind == collect && v.done() {
			path := carts + "/" + v.said.Body.Text("id")
			tr.Must(http.StatusOK, http.MethodGet, path, nil, shop.CartToken(v.said.Body.Text("token")))
		}
		if v.kind == buy && v.done() {
			require.EqualValues(tr.t, 1, tr.Int(`SELECT count(*) FROM orders.orders WHERE reference = $1`, v.said.Body.Text("id")), "%s", v)
		}
	}
}

// comeBack asks again with the same keys.
func (tr *traffic) comeBack(visits []visit) {
	tr.t.Helper()
	problems := make(chan string, len(visits))
	const atATime = 8
	shop.Barrier(min(atATime, len(visits)), func(worker int) {
		for i := worker; i < len(visits); i += atATime {
			said, err := tr.again(visits[i])
			if err != nil || said.Status != http.StatusCreated {
				problems <- fmt.Sprintf("%s, and then %d %s %v", visits[i], said.Status, said.Raw, err)
			}
		}
	})
	close(problems)
	for problem := range problems {
		require.Fail(tr.t, "somebody who came back was not served", problem)
	}
}

func (tr *traffic) again(v visit) (shop.Answer, error) {
	if v.kind == buy {
		return tr.Decide(v.wish.body, v.wish.key, within)
	}
	first, err := tr.collects(v.wish)
	if err != nil {
		return first, err
	}
	second, err := tr.collects(v.wish)
	if err == nil && string(second.Raw) != string(first.Raw) {
		err = fmt.Errorf("another time the answer is another: %s", second.Raw)
	}
	return first, err
}

// slowest is the longest that a visitor who fits had to wait.
func slowest(visits []visit, fits func(v visit) bool) (longest time.Duration) {
	for _, v := range visits {
		if fits(v) {
			longest = max(longest, v.took)
		}
	}
	return longest
}

// middle is how long a visitor who fits had to wait in the middle.
func middle(visits []visit, fits func(v visit) bool) time.Duration {
	var took []time.Duration
	for _, v := range visits {
		if fits(v) {
			took = append(took, v.took)
		}
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// of is visitors of some kinds.
func of(kinds ...string) func(v visit) bool {
	return func(v visit) bool { return slices.Contains(kinds, v.kind) }
}

// worst is who of those had to wait longest.
func worst(visits []visit, fits func(v visit) bool) (found visit) {
	for _, v := range visits {
		if fits(v) && v.took >= found.took {
			found = v
		}
	}
	return found
}

// settles lets everything come to its end after an outage, and looks at all of it. That what a relay had claimed comes back
// by itself is seen in F23.
func (s stage) settles() {
	s.t.Helper()
	s.Redeliver()
	s.Quiesce(within)
	s.CheckAll()
}
