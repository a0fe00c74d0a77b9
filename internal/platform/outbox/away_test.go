package outbox_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

var errNobodyHome = errors.New("nobody is home")

// TestWhoIsAwayForLongGetsHisEventsWhenHeIsBack: however often nobody was there, no event is dead, nor handed over alone.
func TestWhoIsAwayForLongGetsHisEventsWhenHeIsBack(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup", "fish")
	const visits = 10
	var box inbox
	box.answer = func([]outbox.Delivery) error {
		if len(box.batches) <= visits {
			return fmt.Errorf("serve: %w", errNobodyHome)
		}
		return nil
	}
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.MaxAttempts, config.AwayWait = 3, time.Millisecond
	config.Away = func(err error) bool { return errors.Is(err, errNobodyHome) }

	run(t, outbox.NewRelay(config))

	require.Eventually(t, func() bool { return deliveries(t, db) == 0 }, patience, time.Millisecond)
	require.Len(t, box.batches, visits+1)
	for _, batch := range box.batches {
		assert.Len(t, batch, 2)
		assert.Equal(t, 1, batch[0].Attempt)
	}
}

func TestAQueueWaitsForWhoIsAway(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters", "cooks"), "soup")
	var waiters, cooks inbox
	waiters.answer = func([]outbox.Delivery) error { return errNobodyHome }
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": waiters.listen, "cooks": cooks.listen})
	config.AwayWait = time.Hour
	config.Away = func(err error) bool { return errors.Is(err, errNobodyHome) }
	run(t, outbox.NewRelay(config))
	require.Eventually(t, func() bool { return len(waiters.all()) == 1 && len(cooks.all()) == 1 }, patience, time.Millisecond)

	announce(t, db.Module("kitchen"), kitchen("waiters", "cooks"), "fish", "cake")

	require.Eventually(t, func() bool { return len(cooks.all()) == 3 }, patience, time.Millisecond)
	assert.Len(t, waiters.all(), 1)
}
