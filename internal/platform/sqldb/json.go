package sqldb

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// JSON carries a value to and from a json or jsonb column. As a parameter V is any value that marshals; a
// nil V is SQL NULL. As a destination V is a pointer to what the column is decoded into; a NULL leaves
// that as it was, and with a nil V the column is decoded into maps and slices.
type JSON struct{ V any }

// Value returns the JSON text. It is a string, because []byte would be sent as a binary jsonb.
func (j JSON) Value() (driver.Value, error) {
	if j.V == nil {
		return nil, nil
	}
	text, err := json.Marshal(j.V)
	if err != nil {
		return nil, fmt.Errorf("encode JSON column: %w", err)
	}
	return string(text), nil
}

// Scan decodes the column into V.
func (j *JSON) Scan(src any) error {
	var text []byte
	switch src := src.(type) {
	case nil:
		return nil
	case []byte:
		text = src
	case string:
		text = []byte(src)
	default:
		return fmt.Errorf("decode JSON column: unexpected %T", src)
	}
	if err := json.Unmarshal(text, &j.V); err != nil {
		return fmt.Errorf("decode JSON column: %w", err)
	}
	return nil
}

// NotNull makes an absent list an empty one, for an array parameter that must not be SQL NULL.
func NotNull[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
