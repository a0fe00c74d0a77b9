// Package soldout remembers for a moment which SKUs are sold out, so that a crowd that came too late is answered without
// asking the database. It belongs to one process and knows nothing of the others: what they bring back is seen when the
// moment is over.
package soldout

import (
	"maps"
	"sync"
	"time"
)

const (
	// moment is how long a SKU may be called sold out after it was seen to be. Nobody is told so for longer. It is also how
	// long a change may take to be committed after it was told to the memory.
	moment = time.Second
	// most bounds what is remembered.
	most = 10_000
)

// Memory holds the SKUs. It is safe for use by many goroutines.
type Memory struct {
	now func() time.Time

	mu    sync.Mutex
	known map[string]entry
	// floor bars all SKUs, see entry.
	floor time.Time
}

// entry says until when a SKU counts as sold out, and until when a reading must not begin to be kept: an earlier one may
// not have seen yet that some were brought back.
type entry struct{ until, barred time.Time }

// New makes an empty memory. now must not go back.
func New(now func() time.Time) *Memory {
	return &Memory{now: now, known: map[string]entry{}}
}

// Begin is called before a reading of the database; Keep takes its answer.
func (m *Memory) Begin() time.Time { return m.now() }

// Keep remembers that a reading that began at that time found the SKUs sold out.
func (m *Memory) Keep(began time.Time, skus []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, sku := range skus {
		if !began.Before(m.floor) && !began.Before(m.known[sku].barred) {
			m.put(sku, entry{until: began.Add(moment)})
		}
	}
}

// Forget drops the SKUs. Who brought some of them back calls it before saying so, and commits within a second.
func (m *Memory) Forget(skus []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	barred := m.now().Add(moment)
	for _, sku := range skus {
		m.put(sku, entry{barred: barred})
	}
}

// put makes room when there is none, at worst by knowing nothing for a moment.
func (m *Memory) put(sku string, e entry) {
	if len(m.known) >= most {
		now := m.now()
		maps.DeleteFunc(m.known, func(_ string, e entry) bool { return e.over(now) })
	}
	if len(m.known) >= most {
		clear(m.known)
		m.floor = m.now().Add(moment)
	}
	m.known[sku] = e
}

// over says that the entry decides nothing any more: a reading that it bars would be too old by now to be kept.
func (e entry) over(now time.Time) bool {
	return !now.Before(e.until) && !now.Before(e.barred.Add(moment))
}

// Remembered says whether the SKU was sold out a moment ago.
func (m *Memory) Remembered(sku string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now().Before(m.known[sku].until)
}
