package shop

import (
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Settings of the tests themselves.
const (
	settingRounds = "TEST_ROUNDS"
	settingSeed   = "TEST_SEED"
	settingRace   = "TEST_RACE"

	fewRounds = 2
)

// Barrier runs do for 0 to n-1, each in a goroutine of its own, all released at the same moment, and returns when all of
// them have.
func Barrier(n int, do func(i int)) {
	var ready, done sync.WaitGroup
	barrier := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-barrier
			do(i)
		})
	}
	ready.Wait()
	close(barrier)
	done.Wait()
}

// Rounds is how often a race is run: TEST_ROUNDS times, or twice.
func Rounds(t testing.TB) int {
	t.Helper()
	return int(number(t, settingRounds, fewRounds))
}

// Seed is a source of randomness whose seed is printed, and taken from TEST_SEED to repeat a run.
func Seed(t testing.TB) *rand.Rand {
	t.Helper()
	seed := uint64(number(t, settingSeed, time.Now().UnixNano()))
	t.Logf("%s=%d", settingSeed, seed)
	return rand.New(rand.NewPCG(seed, seed))
}

// number reads a setting, or answers otherwise when it is not set.
func number(t testing.TB, setting string, otherwise int64) int64 {
	t.Helper()
	text := os.Getenv(setting)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err, setting)
	return n
}

// raceWanted is TEST_RACE=1: every house runs servers that were built with the race detector.
func raceWanted() bool { return os.Getenv(settingRace) == "1" }
