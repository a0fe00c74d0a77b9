package shop

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// proofLimit is how long an order of the operations is looked for.
const proofLimit = 30 * time.Second

// CheckHistory wants the events of every SKU to be explained by some order in which the operations happened one after the
// other, each between its call and its return, on the stock that the SKU began with.
func CheckHistory(t testing.TB, events []Event, stock map[string]int64) {
	t.Helper()
	bySKU := map[string][]Event{}
	for _, e := range events {
		bySKU[e.SKU] = append(bySKU[e.SKU], e)
	}
	for _, sku := range slices.Sorted(maps.Keys(bySKU)) {
		had, known := stock[sku]
		require.True(t, known, "the history tells of %s, whose stock is not known", sku)
		if result := Linearizable(bySKU[sku], had); result != porcupine.Ok {
			t.Errorf("history of %s is %s: %s\n%s", sku, result, picture(bySKU[sku], had), tale(bySKU[sku]))
		}
	}
}

// Linearizable decides whether there is such an order for the events of one SKU. It answers Unknown when it found neither
// one nor a proof that there is none in time.
func Linearizable(events []Event, stock int64) porcupine.CheckResult {
	if impossible(events, stock) {
		return porcupine.Illegal
	}
	return porcupine.CheckOperationsTimeout(model(stock), operations(events), proofLimit)
}

func operations(events []Event) []porcupine.Operation {
	var all []porcupine.Operation
	for _, e := range events {
		all = append(all, porcupine.Operation{ClientId: e.Client, Input: e, Call: e.Call, Output: e.Outcome, Return: e.Return})
	}
	return all
}

// model is a shelf: its state is how much is free.
func model(stock int64) porcupine.Model {
	shelf := porcupine.NondeterministicModel{
		Init:              func() []any { return []any{stock} },
		Step:              func(state, input, _ any) []any { return step(state.(int64), input.(Event)) },
		DescribeOperation: func(input, _ any) string { return input.(Event).String() },
		DescribeState:     func(state any) string { return fmt.Sprint(state) },
	}
	return shelf.ToModel()
}

// step answers how much may be free after an event: nothing when it cannot happen now, two numbers when nobody knows.
func step(free int64, e Event) []any {
	enough := e.Op != Reserve || free >= e.Quantity
	after := free + e.change()
	switch {
	case e.Op == Count:
		return when(free == e.Quantity, free)
	case e.Outcome == Insufficient:
		return when(!enough, free)
	case e.Outcome == Unknown && enough:
		return []any{free, after}
	case e.Outcome == Unknown:
		return []any{free}
	default:
		return when(enough, after)
	}
}

func when(possible bool, free int64) []any {
	if !possible {
		return nil
	}
	return []any{free}
}

// change is what the event, when it happens, adds to what is free.
func (e Event) change() int64 {
	switch e.Op {
	case Reserve:
		return -e.Quantity
	case Release:
		return e.Quantity
	default:
		return 0
	}
}

func (e Event) String() string { return fmt.Sprintf("%s %d: %s", e.Op, e.Quantity, e.Outcome) }

// impossible finds, without looking for an order, what no order can explain: somebody got what cannot have been there any
// more, or was refused what must still have been there. The search would need forever to find no order among hundreds of
// operations at the same moment.
func impossible(events []Event, stock int64) bool {
	for i, e := range events {
		least, most := bounds(slices.Delete(slices.Clone(events), i, i+1), stock, e)
		switch {
		case e.Op == Count && (e.Quantity < least || e.Quantity > most):
			return true
		case e.Op == Reserve && e.Outcome == OK && most < e.Quantity:
			return true
		case e.Op == Reserve && e.Outcome == Insufficient && least >= e.Quantity:
			return true
		}
	}
	_, most := bounds(events, stock, Event{Call: never, Return: never})
	return most < 0
}

// bounds answers how little and how much can have been free when an event happened: what returned before its call did
// happen, what was called after its return did not, and the rest may have.
func bounds(others []Event, stock int64, at Event) (least, most int64) {
	least, most = stock, stock
	for _, e := range others {
		if e.Outcome == Insufficient || e.Call > at.Return {
			continue
		}
		change := e.change()
		certain := e.Outcome == OK && e.Return < at.Call
		if certain || change < 0 {
			least += change
		}
		if certain || change > 0 {
			most += change
		}
	}
	return least, most
}

// tale counts what happened, which is often enough to see what went wrong.
func tale(events []Event) string {
	counts := map[string]int64{}
	for _, e := range events {
		counts[e.Op+" "+e.Outcome] += max(e.Quantity, 1)
	}
	return fmt.Sprint(counts)
}

// picture draws the history, as far as an order was found, into a file that the test leaves behind.
func picture(events []Event, stock int64) string {
	const drawingLimit = 2 * time.Second
	file, err := os.CreateTemp("", "rialto-history-*.html")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = file.Close() }()
	drawn := model(stock)
	_, info := porcupine.CheckOperationsVerbose(drawn, operations(events), drawingLimit)
	if err := porcupine.Visualize(drawn, info, file); err != nil {
		return err.Error()
	}
	return file.Name()
}
