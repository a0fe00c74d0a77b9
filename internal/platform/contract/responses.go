package contract

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/strictjson"
)

// Responses checks each answer against the document before it is sent, and sends a 500 in the place of
// one that the document does not allow, with the reason in the log. It does nothing unless
// Options.CheckResponses is set.
func (c *Contract) Responses(next http.Handler) http.Handler {
	if !c.options.CheckResponses {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &recorder{below: w, header: w.Header().Clone()}
		next.ServeHTTP(answer, r)
		op := c.operation(r)
		if op == nil || r.Context().Err() != nil {
			answer.send(w)
			return
		}
		if err := op.checkAnswer(r.Method, answer); err != nil {
			// Not wrapped: a code found in our own answer must not become the client's fault.
			problem.Write(w, r, fmt.Errorf("answer of %s %s with status %d breaks the contract: %s", op.Method, op.Pattern, answer.code(), err.Error()))
			return
		}
		answer.send(w)
	})
}

func (op *operation) checkAnswer(method string, answer *recorder) error {
	ref := op.answers.Status(answer.code())
	if ref == nil {
		ref = op.answers.Default()
	}
	if ref == nil {
		return errors.New("this status is not documented")
	}
	if err := checkAnswerHeaders(ref.Value.Headers, answer.header); err != nil {
		return err
	}
	if method == http.MethodHead {
		return nil
	}
	return checkAnswerBody(ref.Value.Content, answer)
}

func checkAnswerHeaders(declared openapi3.Headers, header http.Header) error {
	for name, ref := range declared {
		values := header.Values(name)
		if len(values) == 0 {
			if ref.Value.Required {
				return fmt.Errorf("the header %s is missing", name)
			}
			continue
		}
		spec := ref.Value.Parameter
		spec.Name, spec.In = name, openapi3.ParameterInHeader
		p, err := newParameter(&spec)
		if err != nil {
			return err
		}
		if why := p.check(values); why != "" {
			return fmt.Errorf("the header %s %s", name, why)
		}
	}
	return nil
}

func checkAnswerBody(declared openapi3.Content, answer *recorder) error {
	body := answer.body.Bytes()
	if len(declared) == 0 {
		if len(body) > 0 {
			return errors.New("it has a body, and none is documented")
		}
		return nil
	}
	contentType := answer.header.Get("Content-Type")
	content := declared.Get(contentType)
	if content == nil {
		return fmt.Errorf("the content type %q is not documented", contentType)
	}
	name, _, _ := mime.ParseMediaType(contentType)
	if content.Schema == nil || !isJSON(name) {
		return nil
	}
	value, err := strictjson.Parse(body)
	if err != nil {
		return err
	}
	var wrong []error
	for _, f := range explain(content.Schema.Value, value, answerRules()) {
		wrong = append(wrong, fmt.Errorf("%q %s", f.Pointer, f.Detail))
	}
	return errors.Join(wrong...)
}

// recorder holds an answer back. It begins with the headers set so far, which handlers may change.
type recorder struct {
	below  http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// Flush implements http.Flusher. Nothing leaves before it has been checked.
func (a *recorder) Flush() {}

// Unwrap gives http.ResponseController the connection, whose deadlines a streamed body moves.
func (a *recorder) Unwrap() http.ResponseWriter { return a.below }

// Status returns the status the handler has chosen, or 0 before it has.
func (a *recorder) Status() int { return a.status }

// code returns the status to send.
func (a *recorder) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

func (a *recorder) send(w http.ResponseWriter) {
	header := w.Header()
	for name := range header {
		if _, kept := a.header[name]; !kept {
			header.Del(name)
		}
	}
	for name, values := range a.header {
		header[name] = slices.Clone(values)
	}
	w.WriteHeader(a.code())
	_, _ = w.Write(a.body.Bytes())
}
