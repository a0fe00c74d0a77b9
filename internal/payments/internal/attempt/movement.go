package attempt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// Kinds of a movement.
const (
	KindCapture = "capture"
	KindRefund  = "refund"
)

// Accounts of the ledger.
const (
	// AccountProvider is what the provider holds for the shop.
	AccountProvider = "provider"
	// AccountReceivable is what customers owe the shop.
	AccountReceivable = "receivable"
)

// Movement is money taken or given back. Key and RequestHash tell a repeated request from another one.
type Movement struct {
	ID          string
	Reference   string
	Kind        string
	Key         string
	RequestHash string
	Amount      int64
	Reason      string
	Done        bool
	CreatedAt   time.Time
	// Refusal is the provider's code when it refused for good: then the movement is neither promised nor done.
	Refusal string
	// Tries is how often the background asked.
	Tries int
	// Age is how long ago the movement was promised, by the database's clock, when it was read.
	Age time.Duration
}

// MayAskAgain says whether the provider surely remembers the key, so that asking again moves nothing twice.
func (m Movement) MayAskAgain() bool { return m.Age < keyLife }

// RequestHash is the fingerprint of a request to move money: equal for requests that ask for the same.
func RequestHash(amount *money.Money, reason string) string {
	asked := "all"
	if amount != nil {
		asked = amount.String()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s", asked, reason))
	return hex.EncodeToString(sum[:])
}

// Movable answers how much a request moves: what it names, else all that is left.
//
// Errors: payments.ErrIllegalTransition, payments.ErrCurrencyMismatch, payments.ErrAmountMustBePositive,
// payments.ErrCaptureExceeds, payments.ErrRefundExceeds.
func (a Attempt) Movable(kind string, asked *money.Money) (int64, error) {
	left, err := a.left(kind)
	if err != nil {
		return 0, err
	}
	if asked == nil {
		return left, a.checkRest(kind, left)
	}
	switch {
	case asked.Currency() != a.Currency:
		return 0, payments.ErrCurrencyMismatch
	case asked.Minor() <= 0:
		return 0, payments.ErrAmountMustBePositive
	case asked.Minor() > left:
		return 0, exceeds(kind)
	default:
		return asked.Minor(), nil
	}
}

// left answers what can still be moved. Asking for more of what was captured as a whole is asking for too much.
func (a Attempt) left(kind string) (int64, error) {
	if kind == KindCapture {
		if a.Status == payments.StatusCaptured {
			return 0, exceeds(kind)
		}
		_, err := Next(a.Status, Capture)
		return a.Authorized - a.Captured - a.Capturing, err
	}
	_, err := Next(a.Status, Refund)
	return a.Captured - a.Refunded - a.Refunding, err
}

// checkRest refuses to move a rest of nothing, except for an attempt over nothing: capturing that settles it.
func (a Attempt) checkRest(kind string, left int64) error {
	if left > 0 || kind == KindCapture && a.Amount == 0 {
		return nil
	}
	return exceeds(kind)
}

func exceeds(kind string) error {
	if kind == KindCapture {
		return payments.ErrCaptureExceeds
	}
	return payments.ErrRefundExceeds
}

// Moved answers how much of a kind the provider has moved, and how much more is promised to it.
func (a Attempt) Moved(kind string) (done, promised int64) {
	if kind == KindCapture {
		return a.Captured, a.Capturing
	}
	return a.Refunded, a.Refunding
}

// Moved answers how much of a kind the provider says it has moved.
func (w Word) Moved(kind string) int64 {
	if kind == KindCapture {
		return w.Captured
	}
	return w.Refunded
}

// Book turns what was promised to the provider into what it did.
func (a Attempt) Book(m Movement) (Attempt, error) {
	verb := Refund
	if m.Kind == KindCapture {
		a.Capturing -= m.Amount
		a.Captured += m.Amount
		verb = Capture
		if a.Captured == a.Authorized {
			verb = CaptureRest
		}
	} else {
		a.Refunding -= m.Amount
		a.Refunded += m.Amount
	}
	a.Seq++
	return a.apply(verb)
}

// Drop takes back what was promised to the provider.
func (a Attempt) Drop(m Movement) Attempt {
	if m.Kind == KindCapture {
		a.Capturing -= m.Amount
	} else {
		a.Refunding -= m.Amount
	}
	return a
}

// Entry is one side of a ledger transaction, in minor units of the attempt's currency.
type Entry struct {
	Account string
	Amount  int64
}

// Entries are both sides of a movement. A movement of nothing has none.
func Entries(m Movement) []Entry {
	amount := m.Amount
	if m.Kind == KindRefund {
		amount = -amount
	}
	if amount == 0 {
		return nil
	}
	return []Entry{{Account: AccountProvider, Amount: amount}, {Account: AccountReceivable, Amount: -amount}}
}

// Capture is the movement as the front door shows a capture.
func (a Attempt) Capture(m Movement) payments.Capture {
	return payments.Capture{ID: m.ID, Amount: a.money(m.Amount), CreatedAt: m.CreatedAt}
}

// Refund is the movement as the front door shows a refund.
func (a Attempt) Refund(m Movement) payments.Refund {
	return payments.Refund{ID: m.ID, Amount: a.money(m.Amount), Reason: m.Reason, CreatedAt: m.CreatedAt}
}
