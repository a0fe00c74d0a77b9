package fakeprovider

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// Rule says what goes wrong with requests of an operation, with a token. The zero value of a member means: as usual.
type Rule struct {
	// Op is one of the operations above; empty stands for every one.
	Op string `json:"op,omitempty"`
	// Token is that of the authorization which a request makes or is about.
	Token string `json:"token,omitempty"`
	// Nth is the request, of those with this Op and Token since the script was set, that the rule is for; 0: every one.
	Nth int `json:"nth,omitempty"`
	// Times is how often the rule applies; 0: always.
	Times int `json:"times,omitempty"`

	// DelayMS passes before the work is done. It is done even when the caller has left by then.
	DelayMS int `json:"delay_ms,omitempty"`
	// AnswerDelayMS passes after the work was done, before the answer.
	AnswerDelayMS int `json:"answer_delay_ms,omitempty"`
	// Status is answered and nothing is done; RetryAfter, in seconds, goes with it.
	Status     int `json:"status,omitempty"`
	RetryAfter int `json:"retry_after,omitempty"`
	// Hang never answers, and nothing is done.
	Hang bool `json:"hang,omitempty"`
	// DropAnswer does the work and closes the connection without an answer.
	DropAnswer bool `json:"drop_answer,omitempty"`
	// Malformed does the work and answers what is not JSON.
	Malformed bool `json:"malformed,omitempty"`
	// WrongAmount is added to the amount; WrongCurrency takes the place of the currency. Journal and answer both have it.
	WrongAmount   int64  `json:"wrong_amount,omitempty"`
	WrongCurrency string `json:"wrong_currency,omitempty"`

	// EventDelayMS passes before the operation's event is sent.
	EventDelayMS int `json:"event_delay_ms,omitempty"`
	// EventCount is how often the event is sent, at the same moment and with the same id; 0: once.
	EventCount int `json:"event_count,omitempty"`
	// EventsBeforeAnswer waits with the answer until the event was accepted.
	EventsBeforeAnswer bool `json:"events_before_answer,omitempty"`
	// ReorderEvents holds the event back until the next one of the same authorization was accepted.
	ReorderEvents bool `json:"reorder_events,omitempty"`
	NoEvents      bool `json:"no_events,omitempty"`
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// script is the rules in force, and how often each was met and applied.
type script struct {
	mu    sync.Mutex
	rules []Rule
	seen  []int
	done  []int
}

func (s *script) set(rules []Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.seen, s.done = rules, make([]int, len(rules)), make([]int, len(rules))
}

// match answers the first rule for a request, or one that changes nothing. Every rule for the operation and token counts
// the request, so that the rules for the first and the second request may stand side by side.
func (s *script) match(op, token string) Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	winner := -1
	for i, r := range s.rules {
		if r.Op != "" && r.Op != op || r.Token != "" && r.Token != token {
			continue
		}
		s.seen[i]++
		due := (r.Nth == 0 || r.Nth == s.seen[i]) && (r.Times == 0 || s.done[i] < r.Times)
		if due && winner < 0 {
			winner = i
		}
	}
	if winner < 0 {
		return Rule{}
	}
	s.done[winner]++
	return s.rules[winner]
}

// before does what a rule says before the work. It answers true when there is nothing more to do. life ends with the
// provider, not with the request.
func (r Rule) before(life context.Context, w http.ResponseWriter, req *http.Request) bool {
	periodic.Pause(life, milliseconds(r.DelayMS))
	if r.Hang {
		<-req.Context().Done()
		return true
	}
	if r.Status == 0 {
		return false
	}
	if r.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(r.RetryAfter))
	}
	answer(w, r.Status, problem{Code: "scripted", Detail: "The script answers this."})
	return true
}

// after does what a rule says between the work and its answer. It answers true when there is nothing more to do.
func (r Rule) after(life context.Context, w http.ResponseWriter) bool {
	periodic.Pause(life, milliseconds(r.AnswerDelayMS))
	if r.DropAnswer {
		panic(http.ErrAbortHandler)
	}
	if r.Malformed {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"id":"auth_`))
	}
	return r.Malformed
}
