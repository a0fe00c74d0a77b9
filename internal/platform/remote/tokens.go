package remote

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
)

const (
	bearer    = "Bearer "
	minSecret = 32
)

// Tokens are the secrets that the shop's processes know each other by: the first is shown, all are accepted.
type Tokens struct {
	shown    string
	accepted [][sha256.Size]byte
}

// ParseTokens reads secrets separated by commas.
func ParseTokens(list string) (Tokens, error) {
	secrets := strings.Split(list, ",")
	t := Tokens{shown: secrets[0]}
	for _, secret := range secrets {
		if len(secret) < minSecret || strings.ContainsFunc(secret, notPrintable) {
			return Tokens{}, fmt.Errorf("each token needs at least %d characters, without space", minSecret)
		}
		t.accepted = append(t.accepted, sha256.Sum256([]byte(secret)))
	}
	return t, nil
}

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }

// Show has a request say that it comes from a process of the shop.
func (t Tokens) Show(r *http.Request) { r.Header.Set("Authorization", bearer+t.shown) }

// Admit lets only those in who show one of the tokens.
func (t Tokens) Admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !t.valid(r.Header.Values("Authorization")) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// valid takes the same time for every wrong token.
func (t Tokens) valid(authorization []string) bool {
	if len(authorization) != 1 {
		return false
	}
	secret, found := strings.CutPrefix(authorization[0], bearer)
	sum := sha256.Sum256([]byte(secret))
	valid := 0
	for _, accepted := range t.accepted {
		valid |= subtle.ConstantTimeCompare(sum[:], accepted[:])
	}
	return found && valid == 1
}
