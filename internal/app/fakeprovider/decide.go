package fakeprovider

import (
	"strings"
	"time"
)

// Tokens, which decide what becomes of an authorization. Behind tokDeclined an underscore and a decline code may follow.
const (
	tokSuccess  = "tok_success"
	tokDeclined = "tok_declined"
	tokAction   = "tok_action"
	tokPending  = "tok_pending"

	declinedWithoutReason = "declined"
	declinedInvalidToken  = "invalid_token"
)

// What a shop is told of how long an authorization may be used. Nothing expires by itself: the control decides it.
const (
	authorizedFor = 7 * 24 * time.Hour
	actionWithin  = time.Hour
)

// decide answers the entry that an order makes, one without status when it changes nothing, or a problem. It reads the
// authorization that the order is about and changes nothing.
func (b *book) decide(o order, held Authorization) (Entry, error) {
	e := Entry{Op: o.op, Key: o.key, Request: o.request, ID: held.ID, Authorization: held.ID, Reference: held.Reference,
		Amount: held.Amount, Currency: held.Currency}
	var err error
	switch o.op {
	case OpAuthorize:
		e = b.authorize(e, o)
	case OpCapture, OpRefund:
		err = b.move(&e, o, held)
	case OpVoid:
		err = void(&e, held)
	case OpExpire:
		err = end(&e, held, StatusExpired)
	case OpApprove:
		err = settle(&e, held, StatusAuthorized)
	case OpDecline:
		e.DeclineCode = declinedWithoutReason
		err = settle(&e, held, StatusDeclined)
	}
	return e, err
}

func (b *book) authorize(e Entry, o order) Entry {
	e.ID = b.newID("auth")
	e.Authorization, e.Reference, e.Amount, e.Currency = e.ID, o.reference, o.amount, o.currency
	e.Token, e.ReturnURL = o.token, o.returnURL
	suffix, declined := strings.CutPrefix(o.token, tokDeclined)
	switch {
	case o.token == tokSuccess:
		e.Status, e.ExpiresAt = StatusAuthorized, b.in(authorizedFor)
	case o.token == tokAction:
		e.Status, e.ExpiresAt = StatusActionRequired, b.in(actionWithin)
	case o.token == tokPending:
		e.Status = StatusPending
	case declined && suffix == "":
		e.Status, e.DeclineCode = StatusDeclined, declinedWithoutReason
	case declined && strings.HasPrefix(suffix, "_"):
		e.Status, e.DeclineCode = StatusDeclined, suffix[1:]
	default:
		e.Status, e.DeclineCode = StatusDeclined, declinedInvalidToken
	}
	return e
}

func (b *book) in(d time.Duration) *time.Time {
	at := b.now().UTC().Add(d)
	return &at
}

func (b *book) move(e *Entry, o order, held Authorization) error {
	e.Amount, e.Currency, e.Status = o.amount, o.currency, StatusSucceeded
	if o.currency != held.Currency {
		return conflict("currency_mismatch", "The authorization is in "+held.Currency+".")
	}
	if o.op == OpRefund {
		e.ID = b.newID("rf")
		if o.amount > held.Captured-held.Refunded {
			return conflict("exceeds_captured", "More than was captured and is not refunded yet.")
		}
		return nil
	}
	e.ID = b.newID("cap")
	if held.Status != StatusAuthorized {
		return conflict("not_capturable", "The authorization is "+held.Status+".")
	}
	if o.amount > held.Amount-held.Captured {
		return conflict("exceeds_authorized", "More than is authorized and not captured yet.")
	}
	return nil
}

// void leaves what is over unchanged.
func void(e *Entry, held Authorization) error {
	if held.Captured > 0 {
		return conflict("not_voidable", "Something was captured: refund it.")
	}
	if isOver(held.Status) {
		return nil
	}
	e.Status = StatusVoided
	return nil
}

func end(e *Entry, held Authorization, status string) error {
	if held.Captured > 0 || isOver(held.Status) {
		return conflict("not_expirable", "The authorization is "+held.Status+", or something was captured.")
	}
	e.Status = status
	return nil
}

// settle decides what was left open.
func settle(e *Entry, held Authorization, status string) error {
	if held.Status != StatusPending && held.Status != StatusActionRequired {
		return conflict("already_decided", "The authorization is "+held.Status+".")
	}
	e.Status = status
	return nil
}

func isOver(status string) bool {
	return status == StatusVoided || status == StatusDeclined || status == StatusExpired
}
