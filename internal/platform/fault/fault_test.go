package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

func TestErrorsIsComparesCodesInBothDirections(t *testing.T) {
	sentinel := fault.New("insufficient_stock", "not enough stock")
	sameCode := fault.New("insufficient_stock", "another sentence").Member("sku", "TEE-M")
	otherCode := fault.New("unknown_sku", "not enough stock")
	wrapped := fmt.Errorf("reserve stock: %w", sentinel)

	assert.ErrorIs(t, sameCode, sentinel)
	assert.ErrorIs(t, sentinel, sameCode)
	assert.ErrorIs(t, wrapped, sameCode)
	assert.NotErrorIs(t, otherCode, sentinel)
	assert.NotErrorIs(t, sentinel, otherCode)
	assert.NotErrorIs(t, io.EOF, sentinel)
	assert.NotErrorIs(t, sentinel, io.EOF)
}

func TestAnEmptyCodeEqualsNoOtherError(t *testing.T) {
	assert.NotErrorIs(t, &fault.Error{}, &fault.Error{Detail: "x"})
	assert.NotErrorIs(t, fault.New("code", ""), (*fault.Error)(nil))
}

func TestAddingFactsLeavesTheSentinelAsItWas(t *testing.T) {
	sentinel := fault.New("insufficient_stock", "not enough stock")

	first := sentinel.With(fault.Field{Pointer: "/lines/0"}).Member("a", 1).Detailf("only %d left", 2).Wrap(io.EOF)
	second := first.With(fault.Field{Pointer: "/lines/1"}).Member("b", 2).Detailf("none left").Wrap(io.ErrUnexpectedEOF)

	assert.Equal(t, fault.New("insufficient_stock", "not enough stock"), sentinel)
	assert.Equal(t, []fault.Field{{Pointer: "/lines/0"}}, first.Fields)
	assert.Equal(t, map[string]any{"a": 1}, first.Members)
	assert.Equal(t, "only 2 left", first.Detail)
	assert.Equal(t, io.EOF, first.Unwrap())
	assert.Equal(t, []fault.Field{{Pointer: "/lines/0"}, {Pointer: "/lines/1"}}, second.Fields)
	assert.Equal(t, map[string]any{"a": 1, "b": 2}, second.Members)
	assert.ErrorIs(t, second, sentinel)
}

func TestTwoCopiesOfOneErrorDoNotShareTheirFields(t *testing.T) {
	base := fault.New("validation", "").With(fault.Field{Code: "1"}, fault.Field{Code: "2"}, fault.Field{Code: "3"})

	left := base.With(fault.Field{Code: "left"})
	right := base.With(fault.Field{Code: "right"})

	assert.Equal(t, "left", left.Fields[3].Code)
	assert.Equal(t, "right", right.Fields[3].Code)
}

func TestASentinelCanBeUsedByManyGoroutines(t *testing.T) {
	sentinel := fault.New("code", "detail").Member("shared", 0)
	var wg sync.WaitGroup

	for i := range 8 {
		wg.Go(func() { _ = sentinel.Member("mine", i).With(fault.Field{Code: "x"}).Wrap(io.EOF) })
	}
	wg.Wait()

	assert.Equal(t, map[string]any{"shared": 0}, sentinel.Members)
}

func TestTheTextIsTheDetailThenTheCause(t *testing.T) {
	assert.Equal(t, "not enough stock", fault.New("insufficient_stock", "not enough stock").Error())
	assert.Equal(t, "insufficient_stock", fault.New("insufficient_stock", "").Error())
	assert.Equal(t, "not enough stock: EOF", fault.New("insufficient_stock", "not enough stock").Wrap(io.EOF).Error())
}

func TestTheCauseIsFoundByIsAndAs(t *testing.T) {
	cause := &json.SyntaxError{Offset: 7}
	err := error(fault.New("bad_json", "").Wrap(fmt.Errorf("line 1: %w", cause)))

	var found *json.SyntaxError
	require.ErrorAs(t, err, &found)
	assert.Equal(t, int64(7), found.Offset)
}

func TestAFaultSurvivesJSON(t *testing.T) {
	sent := fault.New("insufficient_stock", "not enough stock").
		With(fault.Field{Pointer: "/lines/0", Code: "short", Detail: "3 left", Members: map[string]any{"available": 3}}).
		Member("amount", int64(9007199254740993)).
		Wrap(errors.New("secret of the database"))

	text, err := json.Marshal(sent)
	require.NoError(t, err)
	var got *fault.Error
	require.NoError(t, json.Unmarshal(text, &got))

	assert.ErrorIs(t, got, sent)
	assert.ErrorIs(t, sent, got)
	assert.NotContains(t, string(text), "secret")
	assert.NoError(t, got.Unwrap())
	assert.Equal(t, "not enough stock", got.Detail)
	assert.Equal(t, "/lines/0", got.Fields[0].Pointer)
	assert.Equal(t, json.Number("3"), got.Fields[0].Members["available"])
	assert.Equal(t, json.Number("9007199254740993"), got.Members["amount"])
	again, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(text), string(again))
}

func TestWhatIsNotAFaultIsRefused(t *testing.T) {
	var got fault.Error
	assert.Error(t, json.Unmarshal([]byte(`{"code": 1}`), &got))
	assert.Error(t, json.Unmarshal([]byte(`[]`), &got))
}
