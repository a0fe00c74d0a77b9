package problem

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

var (
	errInvalidParameter = fault.New("invalid_parameter", "A parameter in the path, the query or a header cannot be read.")
	errInvalidJSON      = fault.New("invalid_json", "The body cannot be read as the JSON this operation takes.")
	errInvalidType      = fault.New("invalid_type", "A value has another JSON type than this operation takes.")
)

// ErrorHandler is the ErrorHandlerFunc of generated routers: err says that a parameter cannot be read.
// The contract middleware refuses such parameters before, with more to say; this is the net below it.
func ErrorHandler(w http.ResponseWriter, r *http.Request, err error) {
	Write(w, r, unlessCoded(err, errInvalidParameter))
}

// RequestErrorHandler is the RequestErrorHandlerFunc of generated strict servers: err says that the
// body cannot be read. Like ErrorHandler it stands below the contract middleware.
func RequestErrorHandler(w http.ResponseWriter, r *http.Request, err error) {
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		pointer := "/" + strings.ReplaceAll(mistyped.Field, ".", "/")
		Write(w, r, unlessCoded(err, errInvalidType.With(fault.Field{Pointer: pointer, Code: errInvalidType.Code})))
		return
	}
	Write(w, r, unlessCoded(err, errInvalidJSON))
}

// ResponseErrorHandler is the ResponseErrorHandlerFunc of generated strict servers: err is what a
// handler returned, or that its answer could not be sent.
func ResponseErrorHandler(w http.ResponseWriter, r *http.Request, err error) {
	Write(w, r, err)
}

// unlessCoded keeps what Write can tell by itself.
func unlessCoded(err error, f *fault.Error) error {
	var coded *fault.Error
	var tooLarge *http.MaxBytesError
	if errors.As(err, &coded) || errors.As(err, &tooLarge) {
		return err
	}
	return f.Wrap(err)
}
