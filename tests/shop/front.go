package shop

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// front is a load balancer: each request goes to the next replica, and on to another one when that cannot be reached or
// hangs up without an answer. Only requests that may be repeated go through it.
type front struct {
	targets []string
	next    atomic.Int64
	client  *http.Client
}

// openFront answers the address of a front, which ends with the test.
func openFront(t testing.TB, targets []string) string {
	const patience = 15 * time.Second
	f := &front{targets: targets, client: &http.Client{Timeout: patience,
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: time.Second}).DialContext}}}
	server := httptest.NewServer(f)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	first := int(f.next.Add(1))
	for i := range f.targets {
		res, err := f.pass(r, f.targets[(first+i)%len(f.targets)], body)
		if err != nil {
			continue
		}
		defer func() { _ = res.Body.Close() }()
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}

func (f *front) pass(r *http.Request, target string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	return f.client.Do(req)
}
