package inventorymod_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// expire holds until a moment that has passed, and sweeps.
func (s shop) expire(reference string, lines ...inventory.Demand) {
	s.t.Helper()
	_, err := s.Service().Reserve(s.t.Context(), inventory.ReserveRequest{Reference: reference, Lines: lines, HoldUntil: time.Now().Add(-time.Hour)})
	require.NoError(s.t, err)
	ended, err := s.Sweep(s.t.Context())
	require.NoError(s.t, err)
	require.Equal(s.t, 1, ended)
}

func (s shop) confirmAnyway(references ...string) (ended []string) {
	s.t.Helper()
	answer, err := s.Service().Confirm(s.t.Context(), inventory.ConfirmRequest{References: references})
	require.NoError(s.t, err)
	return answer.Expired
}

// reviews reads what the list says of each reference, newest first.
func (d desk) reviews(query string) (said []string) {
	d.t.Helper()
	for _, item := range d.must(http.StatusOK, http.MethodGet, "/admin/v1/stock-reviews"+query, "").body["data"].([]any) {
		r := item.(map[string]any)
		assert.Equal(d.t, "hold_ended", r["reason"])
		said = append(said, fmt.Sprint(r["reference"], " ", r["status"], " ", r["details"]))
	}
	return said
}

func TestAnOrderWhoseHoldHadEndedIsReviewedOnce(t *testing.T) {
	d := openDesk(t)
	d.stock("TEE", 10)
	d.stock("MUG", 10)
	d.expire("co_1", of("TEE", 3), of("MUG", 1))
	require.NoError(t, d.reserve("co_2", of("TEE", 2)))
	_, err := d.Service().Release(t.Context(), inventory.ReleaseRequest{Reference: "co_2"})
	require.NoError(t, err)
	require.NoError(t, d.reserve("co_canceled", of("TEE", 2)))
	_, err = d.Service().Deallocate(t.Context(), inventory.DeallocateRequest{ID: "cancel-1", Reference: "co_canceled"})
	require.NoError(t, err)
	require.NoError(t, d.reserve("co_well", of("TEE", 1)))

	for range 2 {
		assert.Equal(t, []string{"co_1", "co_2", "co_3"}, d.confirmAnyway("co_3", "co_well", "co_canceled", "co_1", "co_2"))
	}
	assert.Equal(t, []string{"co_1"}, d.confirmAnyway("co_1"))

	assert.Equal(t, []string{
		"co_3 open map[hold:unknown lines:[]]",
		"co_2 open map[hold:released lines:[map[quantity:2 sku:TEE]]]",
		"co_1 open map[hold:expired lines:[map[quantity:1 sku:MUG] map[quantity:3 sku:TEE]]]",
	}, d.reviews(""))
}

func TestConcurrentConfirmationsOpenOneReview(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 100)

	for round := range 10 {
		// Holds that exist let one confirmation through after the other; those that were never made do not.
		var references []string
		for n := range 40 {
			references = append(references, reference(100*round+n))
			if round == 0 && n < 10 {
				r.expire(references[n], of("TEE", 1))
			}
		}
		backwards := slices.Clone(references)
		slices.Reverse(backwards)
		together(8, func(i int) {
			answer, err := r.Service().Confirm(t.Context(), inventory.ConfirmRequest{References: [][]string{references, backwards}[i%2]})
			assert.NoError(t, err)
			assert.Equal(t, references, answer.Expired)
		})
	}

	var open int
	require.NoError(t, r.database.Admin().Get(t.Context(), &open, `SELECT count(*) FROM inventory.reviews`))
	assert.Equal(t, 400, open)
	r.calm()
}

func TestStaffResolveAReviewOnce(t *testing.T) {
	d := openDesk(t)
	d.confirmAnyway("co_1")
	d.confirmAnyway("co_2")
	list := d.must(http.StatusOK, http.MethodGet, "/admin/v1/stock-reviews?limit=1&total=true", "").body
	newest := list["data"].([]any)[0].(map[string]any)
	page := list["page"].(map[string]any)
	path := fmt.Sprintf("/admin/v1/stock-reviews/%s/resolution", newest["id"])

	resolved := d.must(http.StatusOK, http.MethodPost, path, `{"note":"sent from the next delivery"}`).body
	again := d.must(http.StatusOK, http.MethodPost, path, `{"note":"no, it was not"}`).body

	assert.Equal(t, resolved, again)
	assert.Equal(t, []any{"resolved", "sent from the next delivery", "co_2"}, []any{resolved["status"], resolved["note"], resolved["reference"]})
	assert.NotEmpty(t, resolved["resolved_at"])
	assert.Equal(t, []any{true, float64(2)}, []any{page["has_more"], page["total"]})
	assert.Equal(t, []string{"co_1 open map[hold:unknown lines:[]]"}, d.reviews(fmt.Sprint("?limit=1&cursor=", page["next_cursor"])))
	assert.Equal(t, []string{"co_1 open map[hold:unknown lines:[]]"}, d.reviews("?status=open"))
	assert.Equal(t, []string{"co_2 resolved map[hold:unknown lines:[]]"}, d.reviews("?status=resolved"))
	assert.Equal(t, []string{"co_2"}, d.confirmAnyway("co_2"), "it stays resolved")
	assert.Len(t, d.reviews("?status=open"), 1)
}

func TestAReviewThatDoesNotExistCannotBeResolved(t *testing.T) {
	d := openDesk(t)

	for _, id := range []string{"srv_nothing", ids.Encode(inventory.ReviewPrefix, ids.New()), ids.Encode("res", ids.New())} {
		d.refused(http.StatusNotFound, "not_found", http.MethodPost, "/admin/v1/stock-reviews/"+id+"/resolution", `{"note":"done"}`)
	}
	d.refused(http.StatusUnprocessableEntity, "validation_failed", http.MethodPost, "/admin/v1/stock-reviews/srv_1/resolution", `{"note":" "}`)
}
