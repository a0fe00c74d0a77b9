package inventorytest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

func extending() []story {
	return []story{
		{"a hold is extended and never shortened", aHoldIsExtendedAndNeverShortened},
		{"an extended hold does not end before its new end", anExtendedHoldDoesNotEndBeforeItsNewEnd},
		{"what has ended is not extended", whatHasEndedIsNotExtended},
		{"a hold past its end is not extended before it is swept either", aHoldPastItsEndIsNotExtendedBeforeItIsSweptEither},
		{"what is owed to an order needs no extension", whatIsOwedToAnOrderNeedsNoExtension},
	}
}

func (s shop) tryExtend(reference string, until time.Time) (time.Time, error) {
	answer, err := s.Service.Extend(s.ctx(), inventory.ExtendRequest{Reference: reference, HoldUntil: until})
	return answer.HoldUntil, err
}

// hold reserves until a moment that is that far away.
func (s shop) hold(reference string, left time.Duration, lines ...inventory.Demand) []inventory.Reservation {
	s.t.Helper()
	answer, err := s.Service.Reserve(s.ctx(), inventory.ReserveRequest{Reference: reference, Lines: lines, HoldUntil: time.Now().Add(left)})
	require.NoError(s.t, err)
	return answer.Reservations
}

func aHoldIsExtendedAndNeverShortened(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.hold("co_1", time.Hour, of("TEE", 3))
	later := time.Now().Add(25 * time.Hour).UTC().Truncate(time.Microsecond)

	extended, err := s.tryExtend("co_1", later)
	require.NoError(t, err)
	again, err := s.tryExtend("co_1", later)
	require.NoError(t, err)
	shorter, err := s.tryExtend("co_1", time.Now().Add(time.Minute))
	require.NoError(t, err)

	assert.Equal(t, []time.Time{later, later, later}, []time.Time{extended, again, shorter})
	assert.Equal(t, later, s.reserve("co_1", of("TEE", 3))[0].HoldUntil)
	s.counters("TEE", 10, 3, 0)
}

func anExtendedHoldDoesNotEndBeforeItsNewEnd(t *testing.T, s shop) {
	s.stock("TEE", 10)
	end := time.Now().Add(300 * time.Millisecond)
	s.hold("co_1", time.Until(end), of("TEE", 3))
	s.hold("co_2", time.Until(end), of("TEE", 2))
	_, err := s.tryExtend("co_1", time.Now().Add(time.Hour))
	require.NoError(t, err)

	require.Eventually(t, func() bool {
		ended, err := s.Sweep(t.Context())
		return assert.NoError(t, err) && ended == 1
	}, 5*time.Second, 10*time.Millisecond, "the other hold ends")

	s.counters("TEE", 10, 3, 0)
	assert.Equal(t, []string{"co_2"}, s.confirm("co_1", "co_2"))
	s.counters("TEE", 10, 0, 3)
}

func whatHasEndedIsNotExtended(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.expire("co_ended", of("TEE", 3))
	s.reserve("co_released", of("TEE", 3))
	s.release("co_released")
	s.reserve("co_canceled", of("TEE", 3))
	s.deallocate("cancel-1", "co_canceled")

	for _, reference := range []string{"co_ended", "co_released", "co_canceled", "co_unknown"} {
		_, err := s.tryExtend(reference, time.Now().Add(time.Hour))
		assert.ErrorIs(t, err, inventory.ErrHoldExpired, reference)
	}

	assert.Len(t, s.reserve("co_unknown", of("TEE", 10)), 1, "asking about a reference does not close it")
}

func aHoldPastItsEndIsNotExtendedBeforeItIsSweptEither(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.hold("co_1", -time.Minute, of("TEE", 3))

	_, err := s.tryExtend("co_1", time.Now().Add(time.Hour))

	assert.ErrorIs(t, err, inventory.ErrHoldExpired)
	ended, err := s.Sweep(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, ended)
	s.counters("TEE", 10, 0, 0)
}

func whatIsOwedToAnOrderNeedsNoExtension(t *testing.T, s shop) {
	s.stock("TEE", 10)
	held := s.hold("co_1", -time.Minute, of("TEE", 3))
	assert.Empty(t, s.confirm("co_1"))

	until, err := s.tryExtend("co_1", time.Now().Add(time.Hour))

	require.NoError(t, err)
	assert.Equal(t, held[0].HoldUntil, until)
	s.counters("TEE", 10, 0, 3)
}
