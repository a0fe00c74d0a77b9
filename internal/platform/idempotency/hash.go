package idempotency

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
)

// Hash returns a fingerprint of a request, 64 hexadecimal digits: equal for requests that ask for the
// same thing. The order of a body's keys, its white space and its escapes do not matter, nor does the
// order of different query parameters; the spelling of a number does. A body that is not one JSON
// value counts byte by byte.
func Hash(method, path, query string, body []byte) string {
	digest := sha256.New()
	for _, part := range [][]byte{[]byte(method), []byte(path), []byte(canonicalQuery(query)), canonicalJSON(body)} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		digest.Write(length[:])
		digest.Write(part)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

func canonicalQuery(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return query
	}
	return values.Encode()
}

// canonicalJSON sorts keys and drops white space. Numbers keep their digits: converting them would make
// different large amounts equal.
func canonicalJSON(body []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return body
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return body
	}
	canonical, err := json.Marshal(value)
	if err != nil {
		return body
	}
	return canonical
}
