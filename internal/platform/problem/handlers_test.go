package problem_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

func TestTheHandlersForGeneratedCodeTellNothingOfIt(t *testing.T) {
	captureLog(t)
	var number struct{ Line struct{ Quantity int } }
	mistyped := json.Unmarshal([]byte(`{"Line":{"Quantity":"1"}}`), &number)
	coded := fmt.Errorf("decode: %w", fault.New("invalid_value", "No such currency."))

	for name, attempt := range map[string]struct {
		handler func(http.ResponseWriter, *http.Request, error)
		err     error
		want    string
	}{
		"parameter":     {problem.ErrorHandler, errors.New(`strconv.ParseInt: "abc"`), "invalid_parameter"},
		"body":          {problem.RequestErrorHandler, fmt.Errorf("can't decode: %w", io.ErrUnexpectedEOF), "invalid_json"},
		"type":          {problem.RequestErrorHandler, fmt.Errorf("can't decode: %w", mistyped), "invalid_type"},
		"coded body":    {problem.RequestErrorHandler, coded, "invalid_value"},
		"too long body": {problem.RequestErrorHandler, &http.MaxBytesError{Limit: 7}, "payload_too_large"},
		"answer":        {problem.ResponseErrorHandler, errors.New("strconv"), "internal_error"},
		"coded answer":  {problem.ResponseErrorHandler, fault.New("not_found", ""), "not_found"},
	} {
		w := httptest.NewRecorder()
		attempt.handler(w, request(requestID), attempt.err)
		assert.Equal(t, attempt.want, decode(t, w)["code"], name)
		assert.NotContains(t, w.Body.String(), "strconv", name)
		assert.NotContains(t, w.Body.String(), "decode", name)
	}
}

func TestATypeErrorOfGeneratedCodePointsAtItsField(t *testing.T) {
	var body struct {
		Line struct {
			Quantity int `json:"quantity"`
		} `json:"line"`
	}
	err := json.Unmarshal([]byte(`{"line":{"quantity":"1"}}`), &body)
	w := httptest.NewRecorder()

	problem.RequestErrorHandler(w, request(requestID), err)

	assert.Equal(t, []any{map[string]any{"pointer": "/line/quantity", "code": "invalid_type"}}, decode(t, w)["errors"])
}
