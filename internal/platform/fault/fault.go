// Package fault gives an error a stable code that a caller can act on, and the facts that explain it.
//
// A module declares its conditions as sentinels in its front door, returns copies of them carrying
// facts, and callers compare with errors.Is, which looks at the code alone. Because a fault is its
// code and its facts, and not a pointer, it survives a trip over JSON: errors.Is answers the same for
// a module in this process and for one behind HTTP.
//
// The package owns nothing and knows neither HTTP statuses nor any module; package problem translates.
package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Field is one fact about one part of a request.
type Field struct {
	// Pointer is a JSON pointer (RFC 6901) into the request body, such as "/lines/0/quantity".
	Pointer string `json:"pointer,omitempty"`
	// Code is stable and in snake_case.
	Code string `json:"code,omitempty"`
	// Detail is for people.
	Detail string `json:"detail,omitempty"`
	// Members are further facts a client may compute with, such as {"available": 3}.
	Members map[string]any `json:"members,omitempty"`
}

// Error is a coded error. Everything but its cause is meant for the client that made the request, so
// no secret and nothing internal belongs in it.
//
// An Error is never changed once made: With, Member, Detailf and Wrap return copies, so a sentinel can
// be shared by all goroutines.
type Error struct {
	Code    string         `json:"code"`
	Detail  string         `json:"detail,omitempty"`
	Fields  []Field        `json:"fields,omitempty"`
	Members map[string]any `json:"members,omitempty"`

	cause error
}

// New returns an error with a stable snake_case code and a sentence for people.
func New(code, detail string) *Error {
	return &Error{Code: code, Detail: detail}
}

// Error returns the detail (or the code, when there is none), followed by the cause.
func (e *Error) Error() string {
	text := e.Detail
	if text == "" {
		text = e.Code
	}
	if e.cause == nil {
		return text
	}
	return text + ": " + e.cause.Error()
}

// Is reports whether target is a fault with the same code, whatever facts the two carry. An empty code
// equals no other.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other != nil && e.Code != "" && e.Code == other.Code
}

// Unwrap returns the cause given to Wrap, or nil.
func (e *Error) Unwrap() error {
	return e.cause
}

// With returns a copy that carries these fields after its own.
func (e *Error) With(fields ...Field) *Error {
	c := e.clone()
	c.Fields = append(c.Fields, fields...)
	return c
}

// Member returns a copy with one more fact at the top level of the answer. The value must marshal to
// JSON; a second value for a key replaces the first.
func (e *Error) Member(key string, value any) *Error {
	c := e.clone()
	if c.Members == nil {
		c.Members = make(map[string]any, 1)
	}
	c.Members[key] = value
	return c
}

// Detailf returns a copy with another sentence for people.
func (e *Error) Detailf(format string, args ...any) *Error {
	c := e.clone()
	c.Detail = fmt.Sprintf(format, args...)
	return c
}

// Wrap returns a copy with cause as what Unwrap returns, in place of any earlier cause. The cause is
// for logs: it is not marshaled.
func (e *Error) Wrap(cause error) *Error {
	c := e.clone()
	c.cause = cause
	return c
}

// UnmarshalJSON reads what json.Marshal wrote. Numbers among the members arrive as json.Number, so an
// int64 beyond 2^53 comes through unharmed.
func (e *Error) UnmarshalJSON(data []byte) error {
	type plain Error
	var p plain
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&p); err != nil {
		return fmt.Errorf("decode fault: %w", err)
	}
	*e = Error(p)
	return nil
}

func (e *Error) clone() *Error {
	c := *e
	c.Fields = slices.Clone(e.Fields)
	c.Members = maps.Clone(e.Members)
	return &c
}
