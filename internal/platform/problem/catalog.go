package problem

import (
	"sync"

	"github.com/rialto-commerce/rialto/api"
)

type entry struct {
	status int
	title  string
}

// catalog is read once, from the errors.yaml embedded in package api, so that Write needs no state
// carried to it.
var catalog = sync.OnceValue(func() map[string]entry {
	entries := map[string]entry{}
	for _, e := range api.Errors() {
		entries[e.Code] = entry{status: e.Status, title: e.Title}
	}
	return entries
})
