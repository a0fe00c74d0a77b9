package ordersmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
)

// A capture that was decided before the order was canceled may take money after it.
func TestMoneyCapturedAfterTheCancellationIsGivenBack(t *testing.T) {
	s := open(t)
	o := s.place()
	created[httpapi.Capture](s, s.post(o.path+"/captures", "part", httpapi.CaptureCreate{Amount: eur(1000)}))
	s.fuse.set("before capture")
	require.Equal(t, http.StatusInternalServerError, s.post(o.path+"/captures", "rest", httpapi.CaptureCreate{}).Code)
	canceled := s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{})
	require.Equal(t, http.StatusOK, canceled.Code, canceled.Body.String())

	s.recoverAll()

	require.Equal(t, s.attempt(o).Captured, s.attempt(o).Refunded)
	require.Equal(t, httpapi.PaymentStatusRefunded, s.admin(o).PaymentStatus)
	require.Equal(t, int64(stocked), s.available("TEE"))
}
