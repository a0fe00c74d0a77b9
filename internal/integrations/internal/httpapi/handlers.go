// Package httpapi is the admin API of imports. It turns public ids into internal ones and back, and holds no rule.
package httpapi

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/receiving"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

const (
	listName = "imports"
	path     = "/admin/v1/imports/"
	dryRun   = "dry-run"
)

// Handlers implements StrictServerInterface.
type Handlers struct {
	Store    *postgres.Store
	Receiver *receiving.Receiver
	// Wake has a new import begun at once.
	Wake    func()
	Cursors pagination.Codec
}

// ListImports implements StrictServerInterface.
func (h *Handlers) ListImports(ctx context.Context, request ListImportsRequestObject) (ListImportsResponseObject, error) {
	p := request.Params
	shown, page, err := pagination.Read(ctx, h.Cursors, pagination.List{Name: listName, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total},
		pagination.Source[integrations.Import]{Read: h.Store.Imports, Count: h.Store.Count, ID: func(i integrations.Import) string { return i.ID }})
	if err != nil {
		return nil, err
	}
	answer := ListImports200JSONResponse{Body: ImportList{Data: make([]Import, len(shown)), Page: Page(page)}}
	for i, found := range shown {
		answer.Body.Data[i] = view(found)
	}
	answer.Headers.Link = page.Link(ctx)
	return answer, nil
}

// CreateImport implements StrictServerInterface.
func (h *Handlers) CreateImport(ctx context.Context, request CreateImportRequestObject) (CreateImportResponseObject, error) {
	upload := receiving.Upload{Format: integrations.FormatShopify, DryRun: prefers(request.Params.Prefer, dryRun), File: request.Body}
	made, err := h.Receiver.Receive(ctx, upload)
	if err != nil {
		return nil, err
	}
	h.Wake()
	answer := CreateImport202JSONResponse{Body: view(made)}
	answer.Headers.ETag, answer.Headers.Location = etag.Of(made.Version), path+answer.Body.ID
	if made.DryRun {
		applied := dryRun
		answer.Headers.PreferenceApplied = &applied
	}
	return answer, nil
}

// prefers says whether a Prefer header (RFC 7240) names a preference.
func prefers(header, preference string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, _, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), preference) {
			return true
		}
	}
	return false
}

// GetImport implements StrictServerInterface.
func (h *Handlers) GetImport(ctx context.Context, request GetImportRequestObject) (GetImportResponseObject, error) {
	found, err := h.find(ctx, request.ID)
	if err != nil {
		return nil, err
	}
	tag := etag.Of(found.Version)
	if etag.NotModified(request.Params.IfNoneMatch, tag) {
		return GetImport304Response{Headers: GetImport304ResponseHeaders{ETag: tag}}, nil
	}
	return GetImport200JSONResponse{Body: view(found), Headers: GetImport200ResponseHeaders{ETag: tag}}, nil
}

// CancelImport implements StrictServerInterface.
func (h *Handlers) CancelImport(ctx context.Context, request CancelImportRequestObject) (CancelImportResponseObject, error) {
	id, ok := ids.Decode(integrations.ImportPrefix, request.ID)
	if !ok {
		return nil, integrations.ErrNotFound
	}
	canceled, err := h.Store.Cancel(ctx, id)
	if err != nil {
		return nil, err
	}
	return CancelImport200JSONResponse{Body: view(canceled), Headers: CancelImport200ResponseHeaders{ETag: etag.Of(canceled.Version)}}, nil
}

// GetImportErrors implements StrictServerInterface.
func (h *Handlers) GetImportErrors(ctx context.Context, request GetImportErrorsRequestObject) (GetImportErrorsResponseObject, error) {
	found, err := h.find(ctx, request.ID)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf(`attachment; filename="%s-errors.csv"`, ids.Encode(integrations.ImportPrefix, found.ID))
	return GetImportErrors200TextCsvResponse{Body: newReport(ctx, h.Store, found.ID), Headers: GetImportErrors200ResponseHeaders{ContentDisposition: name}}, nil
}

func (h *Handlers) find(ctx context.Context, publicID string) (integrations.Import, error) {
	id, ok := ids.Decode(integrations.ImportPrefix, publicID)
	if !ok {
		return integrations.Import{}, integrations.ErrNotFound
	}
	return h.Store.Import(ctx, id)
}

func view(i integrations.Import) Import {
	s := i.Summary
	shown := Import{
		ID: ids.Encode(integrations.ImportPrefix, i.ID), Status: ImportStatus(i.Status), Format: ImportFormat(i.Format), Generation: i.Generation,
		DryRun: i.DryRun, UnknownColumns: orEmpty(s.UnknownColumns), IgnoredColumns: orEmpty(s.IgnoredColumns), CreatedAt: i.CreatedAt,
		FinishedAt: orZero(i.FinishedAt),
		Counts: ImportCounts{Rows: s.Rows, Products: s.Products, Created: s.Created, Updated: s.Updated, Unchanged: s.Unchanged,
			Variants: s.Variants, Prices: s.Prices, Tracked: s.Tracked, Pictures: s.Pictures, Failed: s.Failed},
	}
	if i.FailureCode != "" {
		shown.Error = ImportFailure{Code: i.FailureCode, Detail: i.FailureDetail}
	}
	return shown
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
