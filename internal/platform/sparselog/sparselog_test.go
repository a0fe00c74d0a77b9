package sparselog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/sparselog"
)

type book struct {
	*slog.Logger
	text bytes.Buffer
	time time.Time
}

func open() *book {
	b := &book{time: time.Unix(1000, 0)}
	b.Logger = slog.New(sparselog.New(slog.NewTextHandler(&b.text, nil), time.Second, func() time.Time { return b.time }))
	return b
}

func (b *book) lines() int { return strings.Count(b.text.String(), "\n") }

func TestAnOutageIsToldOnceASecond(t *testing.T) {
	away := fmt.Errorf("read cart: %w", fault.New("unavailable", "").Wrap(errors.New("refused")))
	b := open()
	for range 2000 { // 20 s, 100 requests a second
		b.Warn("request refused", "error", away)
		b.time = b.time.Add(10 * time.Millisecond)
	}
	require.Equal(t, 20, b.lines())
	require.Contains(t, b.text.String(), "omitted=99")
	require.NotContains(t, strings.SplitN(b.text.String(), "\n", 2)[0], "omitted")
}

func TestCausesAndMessagesAreToldApart(t *testing.T) {
	b := open()
	for range 3 {
		b.Warn("request refused", "error", fault.New("unavailable", ""))
		b.Warn("request refused", "error", fault.New("overloaded", ""))
		b.Warn("request refused", "error", fmt.Errorf("query: %w", context.DeadlineExceeded))
		b.With("part", 1).WithGroup("g").Error("sweep", "error", fault.New("unavailable", ""))
	}
	require.Equal(t, 4, b.lines())
}

func TestWhatIsNoOutageIsAlwaysTold(t *testing.T) {
	b := open()
	for range 3 {
		b.Error("request failed", "error", errors.New("bug"))
		b.Warn("refused", "error", fault.New("insufficient_stock", ""))
		b.Warn("text", "error", "unavailable")
		b.Info("request", "error", fault.New("unavailable", ""))
		b.Warn("no error")
	}
	require.Equal(t, 15, b.lines())
}
