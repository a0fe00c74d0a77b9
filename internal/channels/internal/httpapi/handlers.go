// Package httpapi is the admin API of channels. It turns public ids into internal ones and back, and holds no rule.
package httpapi

import (
	"cmp"
	"context"
	"slices"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/channels/internal/selling"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

const listName = "channels"

// Handlers implements StrictServerInterface.
type Handlers struct {
	selling *selling.Selling
	cursors pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(s *selling.Selling, cursors pagination.Codec) *Handlers {
	return &Handlers{selling: s, cursors: cursors}
}

// ListChannels implements StrictServerInterface. A shop has few channels, so pages are cut from the whole list.
func (h *Handlers) ListChannels(ctx context.Context, request ListChannelsRequestObject) (ListChannelsResponseObject, error) {
	after, err := h.cursors.Decode(listName, nil, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	all, err := h.selling.List(ctx, channels.ListRequest{})
	if err != nil {
		return nil, err
	}
	rest := newestFirst(all.Channels, after)
	shown, more := pagination.Cut(rest, pagination.Limit(request.Params.Limit))
	answer := ListChannels200JSONResponse{Body: ChannelList{Data: views(shown), Page: Page{HasMore: more}}}
	if more {
		answer.Body.Page.NextCursor = h.cursors.Encode(listName, nil, []string{shown[len(shown)-1].ID})
		link := pagination.Link(ctx, answer.Body.Page.NextCursor)
		answer.Headers.Link = &link
	}
	if request.Params.Total {
		total := int64(len(all.Channels))
		answer.Body.Page.Total = &total
	}
	return answer, nil
}

// newestFirst orders channels by id, which sorts by age, and drops those up to the cursor.
func newestFirst(all []channels.Channel, after []string) []channels.Channel {
	slices.SortFunc(all, func(a, b channels.Channel) int { return cmp.Compare(b.ID, a.ID) })
	if len(after) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(c channels.Channel) bool { return c.ID >= after[0] })
}

// CreateChannel implements StrictServerInterface.
func (h *Handlers) CreateChannel(ctx context.Context, request CreateChannelRequestObject) (CreateChannelResponseObject, error) {
	body := request.Body
	created, err := h.selling.Save(ctx, channels.SaveRequest{Channel: channels.Channel{
		Code: body.Code, Name: body.Name, Currencies: body.Currencies, DefaultCurrency: body.DefaultCurrency, Locales: body.Locales,
		DefaultLocale: body.DefaultLocale, Countries: body.Countries, TaxIncluded: body.TaxIncluded == nil || *body.TaxIncluded,
		CheckoutDeadlineMinutes: int(body.CheckoutDeadlineMinutes), PaymentCapture: string(body.PaymentCapture), Origins: body.Origins}})
	if err != nil {
		return nil, err
	}
	shown := view(created)
	return CreateChannel201JSONResponse{Body: shown, Headers: CreateChannel201ResponseHeaders{
		ETag: etag.Of(created.Version), Location: "/admin/v1/channels/" + shown.ID}}, nil
}

// GetChannel implements StrictServerInterface.
func (h *Handlers) GetChannel(ctx context.Context, request GetChannelRequestObject) (GetChannelResponseObject, error) {
	id, ok := ids.Decode(channels.ChannelPrefix, request.ID)
	if !ok {
		return nil, channels.ErrNotFound
	}
	found, err := h.selling.Channel(ctx, channels.ChannelRequest{ID: id})
	if err != nil {
		return nil, err
	}
	return GetChannel200JSONResponse{Body: view(found), Headers: GetChannel200ResponseHeaders{ETag: etag.Of(found.Version)}}, nil
}

// UpdateChannel implements StrictServerInterface.
func (h *Handlers) UpdateChannel(ctx context.Context, request UpdateChannelRequestObject) (UpdateChannelResponseObject, error) {
	id, ok := ids.Decode(channels.ChannelPrefix, request.ID)
	if !ok {
		return nil, channels.ErrNotFound
	}
	version, err := etag.Required(request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	changed, err := h.selling.Change(ctx, id, version, func(c *channels.Channel) { patch(c, *request.Body) })
	if err != nil {
		return nil, err
	}
	return UpdateChannel200JSONResponse{Body: view(changed), Headers: UpdateChannel200ResponseHeaders{ETag: etag.Of(changed.Version)}}, nil
}

// patch follows merge patch: what is absent stays, lists are replaced as a whole.
func patch(c *channels.Channel, body ChannelPatch) {
	setText(&c.Name, body.Name)
	setText(&c.DefaultCurrency, body.DefaultCurrency)
	setText(&c.DefaultLocale, body.DefaultLocale)
	setText(&c.PaymentCapture, string(body.PaymentCapture))
	setList(&c.Currencies, body.Currencies)
	setList(&c.Locales, body.Locales)
	setList(&c.Countries, body.Countries)
	setList(&c.Origins, body.Origins)
	if body.CheckoutDeadlineMinutes != 0 {
		c.CheckoutDeadlineMinutes = int(body.CheckoutDeadlineMinutes)
	}
	if body.TaxIncluded != nil {
		c.TaxIncluded = *body.TaxIncluded
	}
	if body.IsDefault != nil {
		c.IsDefault = *body.IsDefault
	}
}

func setText(now *string, wanted string) {
	if wanted != "" {
		*now = wanted
	}
}

func setList(now *[]string, wanted []string) {
	if wanted != nil {
		*now = wanted
	}
}

func views(found []channels.Channel) []Channel {
	shown := make([]Channel, len(found))
	for i, channel := range found {
		shown[i] = view(channel)
	}
	return shown
}

func view(c channels.Channel) Channel {
	return Channel{ID: ids.Encode(channels.ChannelPrefix, c.ID), Code: c.Code, Name: c.Name, Currencies: c.Currencies, DefaultCurrency: c.DefaultCurrency,
		Locales: c.Locales, DefaultLocale: c.DefaultLocale, Countries: append([]string{}, c.Countries...), TaxIncluded: c.TaxIncluded,
		CheckoutDeadlineMinutes: int64(c.CheckoutDeadlineMinutes), PaymentCapture: CaptureMode(c.PaymentCapture), Origins: append([]string{}, c.Origins...),
		IsDefault: c.IsDefault, PublishableKey: c.PublishableKey, Version: int64(c.Version), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
}
