package shop_test

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// shelf is a stock in memory that sells as correctly as it is told to.
type shelf struct {
	mu     sync.Mutex
	free   int64
	broken bool // reads, and writes later
}

func (s *shelf) take(quantity int64) (shop.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.free
	if s.broken {
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
		s.mu.Lock()
	}
	if seen < quantity {
		return refused("insufficient_stock"), nil
	}
	s.free = seen - quantity
	return shop.Answer{Status: http.StatusCreated}, nil
}

func refused(code string) shop.Answer {
	return shop.Answer{Status: http.StatusConflict, Body: shop.Object{"code": code}}
}

func run(s *shelf, buyers int) []shop.Event {
	history := shop.NewHistory()
	shop.Barrier(buyers, func(i int) {
		_, _ = history.Reserve(i, "TEE", 1, func() (shop.Answer, error) { return s.take(1) })
	})
	return history.Events()
}

func TestAHistoryOfACorrectShelfIsExplained(t *testing.T) {
	for range shop.Rounds(t) {
		events := run(&shelf{free: 60}, 200)

		require.Len(t, events, 200)
		require.Equal(t, porcupine.Ok, shop.Linearizable(events, 60))
	}
}

func TestAHistoryOfAShelfThatReadsAndWritesLaterIsNot(t *testing.T) {
	events := run(&shelf{free: 60, broken: true}, 112)

	require.Equal(t, porcupine.Illegal, shop.Linearizable(events, 60))
}

func sold(client int, quantity, call, answered int64) shop.Event {
	return shop.Event{Client: client, SKU: "TEE", Op: shop.Reserve, Quantity: quantity, Outcome: shop.OK, Call: call, Return: answered}
}

func refusal(client int, quantity, call, answered int64) shop.Event {
	e := sold(client, quantity, call, answered)
	e.Outcome = shop.Insufficient
	return e
}

func lost(client int, quantity, call int64) shop.Event {
	e := sold(client, quantity, call, 1<<62)
	e.Outcome = shop.Unknown
	return e
}

func given(client int, quantity, call, answered int64) shop.Event {
	e := sold(client, quantity, call, answered)
	e.Op = shop.Release
	return e
}

func counted(client int, free, call, answered int64) shop.Event {
	e := sold(client, free, call, answered)
	e.Op = shop.Count
	return e
}

func TestWhatAHistoryMayTell(t *testing.T) {
	cases := []struct {
		name   string
		stock  int64
		events []shop.Event
		want   porcupine.CheckResult
	}{
		{"the last unit to one of two", 1, []shop.Event{sold(1, 1, 0, 10), refusal(2, 1, 0, 10)}, porcupine.Ok},
		{"the last unit to both", 1, []shop.Event{sold(1, 1, 0, 10), sold(2, 1, 0, 10)}, porcupine.Illegal},
		{"refused before anything was sold", 1, []shop.Event{refusal(2, 1, 0, 4), sold(1, 1, 5, 10)}, porcupine.Illegal},
		{"refused while there is enough", 3, []shop.Event{sold(1, 1, 0, 10), refusal(2, 2, 0, 10)}, porcupine.Illegal},
		{"two refused and there was enough for one of them", 3, []shop.Event{sold(1, 2, 0, 10), refusal(2, 2, 0, 10), refusal(3, 2, 0, 10)}, porcupine.Ok},
		{"the one nobody heard of took it", 1, []shop.Event{lost(1, 1, 0), refusal(2, 1, 5, 10)}, porcupine.Ok},
		{"the one nobody heard of did not take it", 1, []shop.Event{lost(1, 1, 0), sold(2, 1, 5, 10)}, porcupine.Ok},
		{"the one nobody heard of takes it late", 1, []shop.Event{lost(1, 1, 0), counted(2, 1, 5, 6), counted(2, 0, 7, 8)}, porcupine.Ok},
		{"it cannot both be taken and be there", 1, []shop.Event{lost(1, 1, 0), counted(2, 0, 5, 6), counted(2, 1, 7, 8)}, porcupine.Illegal},
		{"given back and sold again", 1, []shop.Event{sold(1, 1, 0, 1), given(1, 1, 2, 5), sold(2, 1, 3, 9)}, porcupine.Ok},
		{"sold again before it was given back", 1, []shop.Event{sold(1, 1, 0, 1), sold(2, 1, 2, 3), given(1, 1, 4, 5)}, porcupine.Illegal},
		{"a reader who sees the past after the present", 10, []shop.Event{sold(1, 1, 0, 10), counted(2, 9, 1, 2), counted(2, 10, 3, 4)}, porcupine.Illegal},
		{"a reader who misses what was answered", 10, []shop.Event{sold(1, 1, 0, 1), counted(2, 10, 2, 3)}, porcupine.Illegal},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, shop.Linearizable(c.events, c.stock))
		})
	}
}

func TestManyAtOnceAreDecidedInTime(t *testing.T) {
	var oversold, soldOutTooEarly []shop.Event
	for i := range 200 {
		bought, turnedAway := sold(i, 1, int64(i), 1000), refusal(i, 1, int64(i), 1000)
		oversold, soldOutTooEarly = append(oversold, turnedAway), append(soldOutTooEarly, turnedAway)
		if i < 11 {
			oversold[i] = bought
		}
		if i < 9 {
			soldOutTooEarly[i] = bought
		}
	}

	require.Equal(t, porcupine.Illegal, shop.Linearizable(oversold, 10))
	require.Equal(t, porcupine.Illegal, shop.Linearizable(soldOutTooEarly, 10))
}

func TestARecorderTellsRefusalsFromSilence(t *testing.T) {
	history := shop.NewHistory()
	answers := []struct {
		answer  shop.Answer
		err     error
		outcome string // empty: not recorded
	}{
		{shop.Answer{Status: http.StatusCreated}, nil, shop.OK},
		{shop.Answer{Status: http.StatusOK}, nil, shop.OK},
		{refused("insufficient_stock"), nil, shop.Insufficient},
		{shop.Answer{Status: http.StatusServiceUnavailable}, nil, shop.Unknown},
		{shop.Answer{Status: http.StatusAccepted}, nil, shop.Unknown},
		{refused("checkout_in_progress"), nil, shop.Unknown},
		{shop.Answer{}, errors.New("connection reset"), shop.Unknown},
		{shop.Answer{Status: http.StatusPaymentRequired}, nil, ""},
		{refused("price_changed"), nil, ""},
	}
	var want []string
	for i, a := range answers {
		_, _ = history.Reserve(i, "TEE", 1, func() (shop.Answer, error) { return a.answer, a.err })
		if a.outcome != "" {
			want = append(want, a.outcome)
		}
	}
	_, _ = history.Count(0, "TEE", func() (int64, error) { return 0, errors.New("connection reset") })

	var got []string
	for _, e := range history.Events() {
		got = append(got, e.Outcome)
		require.Equal(t, e.Outcome == shop.Unknown, e.Return > int64(time.Hour), "only silence lasts forever")
	}
	require.Equal(t, want, got)
}
