package soldout_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/inventory/internal/soldout"
)

// clock stands still until it is moved.
type clock struct{ at time.Time }

func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func memory() (*soldout.Memory, *clock) {
	c := &clock{at: time.Unix(1000, 0)}
	return soldout.New(func() time.Time { return c.at }), c
}

func TestWhatIsSoldOutIsRememberedForASecondFromTheBeginningOfTheReading(t *testing.T) {
	m, now := memory()
	began := m.Begin()
	now.pass(600 * time.Millisecond)
	m.Keep(began, []string{"TEE"})

	assert.True(t, m.Remembered("TEE"))
	assert.False(t, m.Remembered("MUG"))
	now.pass(399 * time.Millisecond)
	assert.True(t, m.Remembered("TEE"))
	now.pass(time.Millisecond)
	assert.False(t, m.Remembered("TEE"))
}

func TestWhatWasBroughtBackIsForgotten(t *testing.T) {
	m, _ := memory()
	m.Keep(m.Begin(), []string{"TEE", "MUG"})

	m.Forget([]string{"TEE"})

	assert.False(t, m.Remembered("TEE"))
	assert.True(t, m.Remembered("MUG"))
}

func TestAReadingThatMayNotHaveSeenWhatCameBackIsNotKept(t *testing.T) {
	for _, c := range []struct {
		name                 string
		begins, forgot, ends time.Duration
		kept                 bool
	}{
		{"one that began before", 0, 10 * time.Millisecond, 20 * time.Millisecond, false},
		{"one that began before the commit can be taken for granted", 10 * time.Millisecond, 0, 20 * time.Millisecond, false},
		{"one that ends long after", 900 * time.Millisecond, 0, 1100 * time.Millisecond, false},
		{"one that began a second later", time.Second, 0, 1100 * time.Millisecond, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, now := memory()
			start := now.at
			var began time.Time
			for step := time.Duration(0); step <= c.ends; step += 10 * time.Millisecond {
				now.at = start.Add(step)
				if step == c.forgot {
					m.Forget([]string{"TEE"})
				}
				if step == c.begins {
					began = m.Begin()
				}
			}

			m.Keep(began, []string{"TEE", "MUG"})

			assert.Equal(t, c.kept, m.Remembered("TEE"))
			assert.True(t, m.Remembered("MUG"), "nobody brought that back")
		})
	}
}

func TestTheMemoryIsBoundedAndStaysTrue(t *testing.T) {
	m, now := memory()
	began := m.Begin()
	m.Forget([]string{"TEE"})
	for n := range 10_000 {
		m.Keep(m.Begin(), []string{fmt.Sprint(n)})
	}

	assert.False(t, m.Remembered("0"), "all was dropped")
	m.Keep(began, []string{"TEE"})
	assert.False(t, m.Remembered("TEE"), "also that it came back, and yet the old reading is not kept")
	now.pass(time.Second)
	m.Keep(m.Begin(), []string{"TEE"})
	assert.True(t, m.Remembered("TEE"))
}

func TestWhatIsOverMakesRoom(t *testing.T) {
	m, now := memory()
	for n := range 9_999 {
		m.Keep(m.Begin(), []string{fmt.Sprint(n)})
	}
	now.pass(2 * time.Second)
	m.Keep(m.Begin(), []string{"TEE"})

	m.Keep(m.Begin(), []string{"MUG"})

	assert.True(t, m.Remembered("TEE"))
	assert.True(t, m.Remembered("MUG"))
}
