package problem

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"

	"github.com/google/uuid"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
)

// writeHeader prepares the header of a problem: what an unfinished answer may have set about its own
// body must not describe this one.
func writeHeader(w http.ResponseWriter, code string, status int) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Language", "Etag", "Last-Modified", "Link", "Location"} {
		h.Del(name)
	}
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if wait := retryAfter(code); wait != "" && h.Get("Retry-After") == "" {
		h.Set("Retry-After", wait)
	}
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="rialto"`)
	}
}

// retryAfter returns how long a client should wait before it repeats a request, in seconds. Whoever
// knows better sets the header first.
func retryAfter(code string) string {
	switch code {
	case "idempotency_in_progress", "overloaded":
		return "1"
	case "unavailable", "timeout":
		return "2"
	case "payments_unavailable":
		return "5"
	case "rate_limited":
		return "10"
	default:
		return ""
	}
}

func send(w http.ResponseWriter, r *http.Request, f *fault.Error, known entry) {
	body, err := json.Marshal(document(r, f, known))
	if err != nil {
		slog.ErrorContext(r.Context(), "problem members cannot be written", "error", err, "code", f.Code)
		body, _ = json.Marshal(document(r, fault.New(f.Code, f.Detail), known))
	}
	w.WriteHeader(known.status)
	_, _ = w.Write(body)
}

func document(r *http.Request, f *fault.Error, known entry) map[string]any {
	doc := map[string]any{}
	maps.Copy(doc, f.Members)
	maps.Copy(doc, map[string]any{
		"type":   "/errors/" + f.Code,
		"title":  known.title,
		"status": known.status,
		"code":   f.Code,
	})
	setOrDelete(doc, "detail", f.Detail)
	id := inbound.RequestID(r.Context())
	setOrDelete(doc, "request_id", id)
	setOrDelete(doc, "instance", instance(id))
	delete(doc, "errors")
	if len(f.Fields) > 0 {
		doc["errors"] = fieldDocuments(f.Fields)
	}
	return doc
}

func fieldDocuments(fields []fault.Field) []map[string]any {
	docs := make([]map[string]any, len(fields))
	for i, f := range fields {
		docs[i] = map[string]any{}
		maps.Copy(docs[i], f.Members)
		docs[i]["code"] = f.Code
		setOrDelete(docs[i], "pointer", f.Pointer)
		setOrDelete(docs[i], "detail", f.Detail)
	}
	return docs
}

func setOrDelete(doc map[string]any, key, value string) {
	if value == "" {
		delete(doc, key)
		return
	}
	doc[key] = value
}

func instance(requestID string) string {
	if requestID == "" {
		return ""
	}
	if uuid.Validate(requestID) == nil && len(requestID) == 36 {
		return "urn:uuid:" + requestID
	}
	return "urn:rialto:request:" + requestID
}
