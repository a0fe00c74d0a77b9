package shop

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Object is a JSON object; numbers are json.Number.
type Object map[string]any

// Answer is what the server said.
type Answer struct {
	Status int
	Header http.Header
	Raw    []byte
	Body   Object
}

// Header is a request header by name and value.
type Header struct{ Name, Value string }

// Key sends an API key.
func Key(secret string) Header { return Header{"Authorization", "Bearer " + secret} }

// Once sends an idempotency key.
func Once(key string) Header { return Header{"Idempotency-Key", key} }

// CartToken sends a cart's token.
func CartToken(token string) Header { return Header{"Cart-Token", token} }

// OrderToken sends an order's token.
func OrderToken(token string) Header { return Header{"Order-Token", token} }

// IfMatch sends the tag that the resource must still have.
func IfMatch(tag string) Header { return Header{"If-Match", tag} }

// manyIdle lets hundreds of buyers keep their connections between requests.
const manyIdle = 512

func newClient() *http.Client {
	return &http.Client{Timeout: requestLimit, Transport: &http.Transport{MaxIdleConnsPerHost: manyIdle, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Send makes a request and reads its answer; body is a string sent as it is, or anything that marshals, or nil.
func (s *Shop) Send(method, path string, body any, headers ...Header) Answer {
	s.t.Helper()
	answer, err := s.Try(method, path, body, headers...)
	require.NoError(s.t, err)
	return answer
}

// Try is Send for goroutines, which must not end the test.
func (s *Shop) Try(method, path string, body any, headers ...Header) (Answer, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			return Answer{}, err
		}
		reader = bytes.NewReader(encoded)
	}
	req, err := http.NewRequest(method, s.URL+path, reader)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		req.Header.Set(h.Name, h.Value)
	}
	return s.read(req)
}

func (s *Shop) read(req *http.Request) (Answer, error) {
	res, err := s.client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	answer := Answer{Status: res.StatusCode, Header: res.Header, Raw: raw}
	if err != nil || !strings.Contains(res.Header.Get("Content-Type"), "json") {
		return answer, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return answer, decoder.Decode(&answer.Body)
}

// Must is Send that fails the test unless the answer has the status.
func (s *Shop) Must(status int, method, path string, body any, headers ...Header) Answer {
	s.t.Helper()
	answer := s.Send(method, path, body, headers...)
	require.Equal(s.t, status, answer.Status, "%s %s: %s", method, path, answer.Raw)
	return answer
}

// Code is the stable code of a problem, or "".
func (a Answer) Code() string {
	code, _ := a.Body["code"].(string)
	return code
}

// Get walks into an object: names and, for lists, numbers, joined by dots, such as "lines.0.quantity.ordered".
func (o Object) Get(path string) any {
	var at any = map[string]any(o)
	for step := range strings.SplitSeq(path, ".") {
		switch here := at.(type) {
		case map[string]any:
			at = here[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(here) {
				return nil
			}
			at = here[i]
		default:
			return nil
		}
	}
	return at
}

// Text is the string at a path, or "".
func (o Object) Text(path string) string {
	text, _ := o.Get(path).(string)
	return text
}

// Number is the integer at a path; it fails the test where there is none.
func (o Object) Number(t testing.TB, path string) int64 {
	t.Helper()
	number, ok := o.Get(path).(json.Number)
	require.True(t, ok, "no number at %s in %v", path, o)
	n, err := number.Int64()
	require.NoError(t, err)
	return n
}

// List is the list at a path, or nil.
func (o Object) List(path string) []any {
	list, _ := o.Get(path).([]any)
	return list
}
