package fakeprovider

import (
	"html/template"
	"net/http"
)

// page asks a shopper as a bank would. The answer goes to the relative address, so that it works behind any name.
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test bank</title>
<h1>Test bank</h1>
<p>A shop asks for {{.Amount}} {{.Currency}} in minor units, for {{.Reference}}. The payment is {{.Status}}.</p>
<form method="post" action="{{.ID}}/approve"><button>Approve</button></form>
<form method="post" action="{{.ID}}/decline"><button>Decline</button></form>
</html>
`

func (p *Provider) showAction(w http.ResponseWriter, r *http.Request) {
	a, ok := p.book.find(r.PathValue("id"))
	if !ok {
		refuse(w, errNotFound())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = template.Must(template.New("page").Parse(page)).Execute(w, a)
}

// decideAction takes the shopper's answer and sends the shopper back. A second answer changes nothing.
func (p *Provider) decideAction(op string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		o := order{op: op, authorization: id}
		rule := p.script.match(op, p.tokenOf(o))
		done, err := p.book.carryOut(o)
		p.announce(r, done, rule)
		a, ok := p.book.find(id)
		if !ok {
			refuse(w, err)
			return
		}
		if a.returnURL != "" {
			http.Redirect(w, r, a.returnURL, http.StatusSeeOther)
			return
		}
		answer(w, http.StatusOK, p.shown(a))
	}
}
