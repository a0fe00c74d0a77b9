package idempotency

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// replayed marks an answer that was given before.
const replayed = "Idempotency-Replayed"

// answer holds back what a handler answers until it may be told.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header implements http.ResponseWriter. What middlewares around have set is not in it, and is not kept.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// Status returns the status that the handler has chosen, 0 before it has.
func (a *answer) Status() int { return a.status }

// final says whether the request was carried out and will never be answered otherwise.
func (a *answer) final() bool {
	return a.status == http.StatusOK || a.status == http.StatusCreated || a.status == http.StatusNoContent
}

func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // The client went away; there is nobody to tell.
}

// kept is an answer as it is encrypted.
type kept struct {
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

func (k *Keys) seal(req request, a *answer) ([]byte, error) {
	plain, err := json.Marshal(kept{Header: a.header, Body: a.body.Bytes()})
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	gcm, err := sealer(req.secret(k.secrets[0]))
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nil, plain, req.hash), nil
}

// unseal tries all secrets, so that those of the server can be rotated. Errors: ErrAnswerLost.
func (k *Keys) unseal(req request, status int, sealed []byte) (*answer, error) {
	for _, secret := range k.secrets {
		gcm, err := sealer(req.secret(secret))
		if err != nil {
			return nil, err
		}
		plain, err := gcm.Open(nil, nil, sealed, req.hash)
		if err != nil {
			continue
		}
		var was kept
		if err := json.Unmarshal(plain, &was); err != nil {
			return nil, ErrAnswerLost.Wrap(err)
		}
		a := &answer{status: status, header: was.Header}
		a.header.Set(replayed, "true")
		_, _ = a.body.Write(was.Body) // A buffer takes everything.
		return a, nil
	}
	return nil, ErrAnswerLost
}

func sealer(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
