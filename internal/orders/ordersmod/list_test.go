package ordersmod_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
)

const listPath = "/admin/v1/orders"

func (s shop) list(query string) httpapi.AdminOrderList {
	s.Helper()
	a := s.get(listPath + query)
	require.Equal(s, http.StatusOK, a.Code, a.Body.String())
	return read[httpapi.AdminOrderList](s, a)
}

func idsOf(list httpapi.AdminOrderList) []string {
	shown := []string{}
	for _, o := range list.Data {
		shown = append(shown, o.ID)
	}
	return shown
}

func TestOrdersAreListedNewestFirstInPages(t *testing.T) {
	s := open(t)
	var want []string
	for range 5 {
		want = append(want, s.place().Order.ID)
	}
	slices.Reverse(want)

	first := s.list("?limit=2&total=true")
	s.place()
	second := s.list("?limit=2&cursor=" + first.Page.NextCursor)
	third := s.list("?limit=2&cursor=" + second.Page.NextCursor)

	require.Equal(t, want, slices.Concat(idsOf(first), idsOf(second), idsOf(third)), "an insert while paging neither skips nor repeats")
	require.Equal(t, int64(5), *first.Page.Total)
	require.True(t, second.Page.HasMore)
	require.False(t, third.Page.HasMore)
	require.Empty(t, third.Page.NextCursor)
	require.Nil(t, first.Data[0].Captures, "lists leave out what happened")
	link := s.get(listPath + "?limit=2").Header().Get("Link")
	require.Contains(t, link, `rel="next"`)
	require.Equal(t, want[4], idsOf(s.list("?sort=created_at&limit=1"))[0])
}

func TestB14ACursorBelongsToItsList(t *testing.T) {
	s := open(t)
	s.place()
	s.place()
	cursor := s.list("?limit=1").Page.NextCursor

	for _, query := range []string{"?limit=1&status=placed&cursor=" + cursor, "?sort=created_at&cursor=" + cursor, "?cursor=x" + cursor} {
		s.refused(s.get(listPath+query), http.StatusBadRequest, "invalid_cursor")
	}
}

func TestOrdersAreFiltered(t *testing.T) {
	s := open(t)
	open, paid, canceled := s.place(), s.paid(), s.place()
	require.Equal(t, http.StatusOK, s.post(canceled.path+"/cancellation", "", httpapi.CancellationCreate{}).Code)
	sent := s.paid()
	created[httpapi.Fulfillment](s, s.post(sent.path+"/fulfillments", "", httpapi.FulfillmentCreate{}))
	id := func(o placed) string { return o.Order.ID }
	hour := func(d time.Duration) string { return url.QueryEscape(time.Now().Add(d).Format(time.RFC3339)) }

	for query, want := range map[string][]string{
		"?status=placed":                                   {id(paid), id(open)},
		"?status=canceled&status=completed":                {id(sent), id(canceled)},
		"?payment_status=paid":                             {id(sent), id(paid)},
		"?payment_status=voided&status=placed":             {},
		"?fulfillment_status=fulfilled":                    {id(sent)},
		"?number=" + paid.Order.Number:                     {id(paid)},
		"?number=7":                                        {},
		"?email=ADA@EXAMPLE.COM&payment_status=authorized": {id(open)},
		"?email=ada%25":                                    {},
		"?created_after=" + hour(time.Hour):                {},
		"?created_before=" + hour(-time.Hour):              {},
		"?status=placed&created_after=" + hour(-time.Hour) + "&created_before=" + hour(time.Hour): {id(paid), id(open)},
	} {
		require.Equal(t, want, idsOf(s.list(query)), query)
	}
	require.Equal(t, int64(2), *s.list("?status=placed&total=true&limit=1").Page.Total)
}

func TestStaffSeeOneVersionOfAnOrder(t *testing.T) {
	s := open(t)
	o := s.paid()

	a := s.get(o.path)

	got := read[httpapi.AdminOrder](s, a)
	require.Equal(t, `"2"`, a.Header().Get("ETag"))
	require.Equal(t, int64(2), got.Version)
	require.Equal(t, o.reference, got.CheckoutID)
	require.Equal(t, "ring twice", got.Note)
	require.NotContains(t, a.Body.String(), o.Order.Token, "staff do not see the buyer's token")
}
