// Package remote carries calls of a module's front door to the process that has the module, and answers them there.
//
// It owns the protocol between Rialto's processes: POST /internal/v1/<module>/<Verb> with the request as JSON; the answer as
// JSON with 200; what the module refuses as its coded error with 422, so that errors.Is holds on both sides. The token in
// Authorization says that the caller is one of the shop's processes, Rialto-Timeout for how many milliseconds the caller
// still waits, X-Request-Id for which request of the shop. It knows no module: the table of a module's verbs is generated
// from its front door, as methods here and as a client there.
//
// A call that may be repeated is sent again when the connection fails. A process that cannot be reached is left alone for a
// moment, and calls for it are refused at once meanwhile.
package remote

import (
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

const (
	timeoutHeader = "Rialto-Timeout"
	contentType   = "application/json"

	// Prefix is how the path of every call begins.
	Prefix = "/internal/v1/"
	// MaxTime bounds calls whose caller names no end, such as those that carry events.
	MaxTime = 10 * time.Minute
	// MaxBody is the largest request and the largest answer, in bytes.
	MaxBody = 16 << 20
)

// ErrUnavailable says that the process with the module cannot be reached, or did not answer: what was asked for may or may
// not have been done. It has the code of a database that is away.
var ErrUnavailable = fault.New("unavailable", "a part of the shop cannot be reached at the moment")

// ErrNotAsked is added to ErrUnavailable when the call surely did not reach the other process.
var ErrNotAsked = errors.New("the process was not asked")

// ErrNotHere is added to ErrUnavailable when the other process does not know the verb.
var ErrNotHere = errors.New("the process does not run the module, is of an older version, or is not called at its RIALTO_INTERNAL_ADDR")

// ErrRefused says that the other process does not take this one for one of the shop's: their tokens differ.
var ErrRefused = errors.New("the token of the shop's processes is refused")

var (
	errUnsent     = errors.New("nothing was sent")
	errTooLarge   = errors.New("the call or its answer is too large to be carried to another process")
	errUnreadable = errors.New("the call cannot be read")
)
