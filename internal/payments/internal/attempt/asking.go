package attempt

import (
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
)

const (
	// graceOfNothing is how long "there is no such authorization" may only mean that the request is still on its way.
	graceOfNothing = 2 * time.Minute
	// keyLife is how long a provider surely remembers a key, so that asking again with it cannot charge twice: 24 h at the
	// large ones, less a margin.
	keyLife = 20 * time.Hour
	// patience is how long an attempt may stay undecided before a person has to look.
	patience = 24 * time.Hour
)

// MayAskAgain says whether the request may be sent once more, with the same key.
func (a Attempt) MayAskAgain() bool { return !a.GivenUp && a.Age < keyLife }

// TimeEnough says whether the provider has had time to know of the attempt, if it ever will.
func (a Attempt) TimeEnough() bool { return a.Age >= graceOfNothing }

// Overdue says whether the provider has left the attempt undecided for longer than anybody should wait.
func (a Attempt) Overdue() bool { return a.Unsettled() && a.Age >= patience }

// NextQuestion answers how long to wait until the provider is asked again: at ages of 5 s, 10 s, 30 s, 2 min, 10 min and
// 1 h, then every hour.
func (a Attempt) NextQuestion() time.Duration {
	for _, age := range []time.Duration{5 * time.Second, 10 * time.Second, 30 * time.Second, graceOfNothing, 10 * time.Minute, time.Hour} {
		// What is nearly due was asked just now.
		if wait := age - a.Age; wait > age/10 {
			return wait
		}
	}
	return time.Hour
}

// Undone says that the provider holds, or may hold, something that is to be given back.
func (a Attempt) Undone() bool { return a.GivingBack || a.Status == payments.StatusVoidPending }
