package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// maxErrorText bounds the last error of a dead message, in bytes. spareRoom has room for it even if JSON escapes half of it.
const maxErrorText = 4000

// bury stores a message with the dead.
func (q *queue) bury(ctx context.Context, js jetstream.JetStream, r received, reason error) error {
	m, now, text := r.message, time.Now().UTC(), reason.Error()
	m.Attempts, m.DeadAt, m.LastError = r.attempt, &now, strings.ToValidUTF8(text[:min(len(text), maxErrorText)], "?")
	data, err := m.encode()
	if err != nil {
		return err
	}
	return q.put(ctx, js, grave{m.EventID, q.subscriber}.subject(), data, jetstream.WithExpectStream(DeadStream))
}

// grave is where a dead message is: one place for each event and subscriber.
type grave struct{ eventID, subscriber string }

func (g grave) subject() string { return deadPrefix + g.eventID + "." + g.subscriber }

// order is that of the list of the dead: by event from new to old.
func (g grave) order(other grave) int {
	return cmp.Or(strings.Compare(other.eventID, g.eventID), strings.Compare(other.subscriber, g.subscriber))
}

// graves answers the stream of the dead, and where those are that were chosen.
func (b *Broker) graves(ctx context.Context, which outbox.Selection) (jetstream.Stream, []grave, error) {
	js, err := b.ready(ctx)
	if err != nil {
		return nil, nil, err
	}
	asking, cancel := b.asking(ctx)
	defer cancel()
	stream, err := js.Stream(asking, DeadStream)
	if err != nil {
		return nil, nil, broken(ctx, fmt.Errorf("look for stream %s: %w", DeadStream, err))
	}
	info, err := stream.Info(asking, jetstream.WithSubjectFilter(deadPrefix+">"))
	if err != nil {
		return nil, nil, broken(ctx, fmt.Errorf("look into stream %s: %w", DeadStream, err))
	}
	var found []grave
	for subject := range info.State.Subjects {
		id, subscriber, _ := strings.Cut(strings.TrimPrefix(subject, deadPrefix), ".")
		if (which.EventID == "" || which.EventID == id) && (which.Subscriber == "" || which.Subscriber == subscriber) {
			found = append(found, grave{id, subscriber})
		}
	}
	slices.SortFunc(found, grave.order)
	return stream, found, nil
}

// Dead returns dead messages as outbox.Relay does. Errors: ErrUnavailable.
func (b *Broker) Dead(ctx context.Context, after outbox.Position, limit int) ([]outbox.DeadDelivery, error) {
	stream, graves, err := b.graves(ctx, outbox.Selection{})
	if err != nil {
		return nil, err
	}
	var dead []outbox.DeadDelivery
	for _, g := range graves {
		if len(dead) == limit {
			break
		}
		if after != (outbox.Position{}) && g.order(grave{after.EventID, after.Subscriber}) <= 0 {
			continue
		}
		m, _, err := b.exhume(ctx, stream, g)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // somebody has revived it
		}
		if err != nil {
			return nil, err
		}
		dead = append(dead, m.buried(g.subscriber))
	}
	return dead, nil
}

// CountDead returns how many messages are dead. Errors: ErrUnavailable.
func (b *Broker) CountDead(ctx context.Context) (int, error) {
	_, graves, err := b.graves(ctx, outbox.Selection{})
	return len(graves), err
}

// Knows says whether an event is dead for some subscriber. Errors: ErrUnavailable.
func (b *Broker) Knows(ctx context.Context, eventID string) (bool, error) {
	_, graves, err := b.graves(ctx, outbox.Selection{EventID: eventID})
	return len(graves) > 0, err
}

// Revive sends dead messages on their way again, with all their attempts before them, and returns how many there were. Those
// that are not dead any more are left alone, so it may be repeated. Errors: ErrUnavailable.
func (b *Broker) Revive(ctx context.Context, which outbox.Selection) (int, error) {
	stream, graves, err := b.graves(ctx, which)
	if err != nil {
		return 0, err
	}
	var revived int
	for _, g := range graves {
		err := b.revive(ctx, stream, g)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return revived, fmt.Errorf("revive event %s for %s: %w", g.eventID, g.subscriber, err)
		}
		revived++
	}
	return revived, nil
}

// revive removes a message from the dead only when it is stored among the living: what breaks off in between is done twice.
func (b *Broker) revive(ctx context.Context, stream jetstream.Stream, g grave) error {
	m, seq, err := b.exhume(ctx, stream, g)
	if err != nil {
		return err
	}
	js, err := b.ready(ctx)
	if err != nil {
		return err
	}
	if err := b.again(ctx, js, g.subscriber, m, "revived", seq); err != nil {
		return err
	}
	return b.remove(ctx, stream, seq)
}

// remove takes a message out of a stream. One that is gone is fine: who was revived and died again has replaced itself.
func (b *Broker) remove(ctx context.Context, stream jetstream.Stream, seq uint64) error {
	asking, cancel := b.asking(ctx)
	defer cancel()
	err := stream.DeleteMsg(asking, seq)
	if err == nil {
		return nil
	}
	if _, gone := stream.GetMsg(asking, seq); errors.Is(gone, jetstream.ErrMsgNotFound) {
		return nil
	}
	return broken(ctx, err)
}

// exhume reads a dead message. Errors: jetstream.ErrMsgNotFound, ErrUnavailable.
func (b *Broker) exhume(ctx context.Context, stream jetstream.Stream, g grave) (message, uint64, error) {
	asking, cancel := b.asking(ctx)
	defer cancel()
	raw, err := stream.GetLastMsgForSubject(asking, g.subject())
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return message{}, 0, err
	}
	if err != nil {
		return message{}, 0, broken(ctx, fmt.Errorf("read event %s: %w", g.eventID, err))
	}
	m, err := decode(raw.Data)
	return m, raw.Sequence, err
}
