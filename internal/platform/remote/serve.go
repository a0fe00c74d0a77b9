package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
)

// Method is one verb of a front door, ready to be asked for by name.
type Method struct {
	verb string
	call func(ctx context.Context, request []byte) (answer any, err error)
}

// Verb makes a method that answers with do.
func Verb[Request, Answer any](verb string, do func(context.Context, Request) (Answer, error)) Method {
	return Method{verb: verb, call: func(ctx context.Context, request []byte) (any, error) {
		var req Request
		if err := json.Unmarshal(request, &req); err != nil {
			return nil, fmt.Errorf("%w: %w", errUnreadable, err)
		}
		return do(ctx, req)
	}}
}

// Mount adds the methods of a module to a router that lets in only who has shown a token; see Tokens.Admit.
func Mount(r chi.Router, module string, methods []Method) {
	for _, m := range append(slices.Clone(methods), here()) {
		r.Post(Prefix+module+"/"+m.verb, m.serve)
	}
}

// verbHere is known of every module, whose own verbs have the names of what they do.
const verbHere = "Here"

func here() Method {
	return Verb(verbHere, func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil })
}

func (m Method) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := within(w, r)
	defer cancel()
	request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var answer any
	if err == nil {
		answer, err = m.call(ctx, request)
	}
	if err == nil {
		err = reply(w, http.StatusOK, answer)
	}
	if err != nil {
		refuse(w, r, err)
	}
}

// within ends the work when the caller does not wait any more, and keeps the connection open until then.
func within(w http.ResponseWriter, r *http.Request) (context.Context, context.CancelFunc) {
	milliseconds, err := strconv.ParseInt(r.Header.Get(timeoutHeader), 10, 64)
	left := time.Duration(milliseconds) * time.Millisecond
	if err != nil || left > MaxTime {
		left = MaxTime
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(left + sendLimit)) // Without deadlines to move, there are none in the way.
	return context.WithTimeout(r.Context(), left)
}

// reply writes nothing when the body cannot be sent.
func reply(w http.ResponseWriter, status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if len(text) > MaxBody {
		return errTooLarge
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(text)
	return nil
}

// refuse answers a coded error as it is, and keeps the text of any other to the log.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	var coded *fault.Error
	if errors.As(err, &coded) {
		if err = reply(w, http.StatusUnprocessableEntity, coded); err == nil {
			return
		}
	}
	if r.Context().Err() == nil {
		slog.ErrorContext(r.Context(), "call failed", "error", err, "path", r.URL.Path, "request_id", inbound.RequestID(r.Context()))
	}
	w.WriteHeader(statusOf(err))
}

func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errUnreadable):
		return http.StatusBadRequest
	default:
		return http.StatusInternalServerError
	}
}
