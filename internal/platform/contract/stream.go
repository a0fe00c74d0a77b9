package contract

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

const (
	// streamDeadline is how long a request with a streamed body may take, and streamSilence how long its sender may send
	// nothing.
	streamDeadline = 30 * time.Minute
	streamSilence  = 30 * time.Second
)

// Streams reports whether a request is for an operation whose body is read while it comes in (x-rialto-stream-limit). It
// can be asked before the routing, so such an operation has no parameter in its path.
func (c *Contract) Streams(r *http.Request) bool {
	op := c.operations[r.Method+" "+r.URL.Path]
	return op != nil && op.StreamLimit > 0
}

// stream hands a body on unread, within the limits of its operation.
func (op *operation) stream(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if _, err := op.body.mediaOf(r); err != nil {
		problem.Write(w, r, err)
		return
	}
	if r.ContentLength > op.StreamLimit {
		w.Header().Set("Connection", "close") // rather than read the rest
		problem.Write(w, r, errTooLarge.Detailf("The request body is larger than %d bytes.", op.StreamLimit))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamDeadline)
	defer cancel()
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(streamDeadline)) // Without deadlines to move, there are none in the way.
	again := r.WithContext(ctx)
	again.Body = http.MaxBytesReader(w, &patient{r.Body, control}, op.StreamLimit)
	next.ServeHTTP(w, again)
}

// patient moves the deadline of the connection ahead with each part of the body that arrives.
type patient struct {
	body    io.Reader
	control *http.ResponseController
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(streamSilence))
	n, err := p.body.Read(b)
	if err != nil {
		_ = p.control.SetReadDeadline(time.Time{}) // net/http goes on reading, to notice when the client leaves
	}
	return n, err
}

// Close implements io.Closer; the server closes the body itself.
func (p *patient) Close() error { return nil }
