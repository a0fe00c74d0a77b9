package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// spareRoom is what a message must stay below the broker's limit, because a dead one carries its last error as well.
const spareRoom = 16 << 10

// Publisher answers the listener that sends deliveries to a subscriber in another process. It returns nil when the broker
// has stored all of them. Errors: ErrUnavailable with ErrNotTaken; that one is too large.
func (b *Broker) Publisher(subscriber string) outbox.Listener {
	b.know(subscriber)
	return func(ctx context.Context, batch []outbox.Delivery) error {
		if err := b.publish(ctx, subscriber, batch); err != nil {
			b.metrics.failed.WithLabelValues(subscriber).Add(float64(len(batch)))
			if errors.Is(err, ErrUnavailable) {
				err = fmt.Errorf("%w: %w", ErrNotTaken, err)
			}
			return fmt.Errorf("publish %d events: %w", len(batch), err)
		}
		b.metrics.published.WithLabelValues(subscriber).Add(float64(len(batch)))
		return nil
	}
}

func (b *Broker) publish(ctx context.Context, subscriber string, batch []outbox.Delivery) error {
	js, err := b.ready(ctx)
	if err != nil {
		return err
	}
	stored := make([]jetstream.PubAckFuture, len(batch))
	for i, d := range batch {
		if stored[i], err = b.send(ctx, js, subscriber, d); err != nil {
			return err
		}
	}
	for _, future := range stored {
		select {
		case <-future.Ok():
		case err := <-future.Err():
			return b.refused(ctx, err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// send does not wait for the broker. An event that is sent again before long is stored once.
func (b *Broker) send(ctx context.Context, js jetstream.JetStream, subscriber string, d outbox.Delivery) (jetstream.PubAckFuture, error) {
	data, err := fromDelivery(d).encode()
	if err != nil {
		return nil, err
	}
	if limit := js.Conn().MaxPayload(); limit > 0 && int64(len(data)) > limit-spareRoom {
		return nil, fmt.Errorf("event %s takes %d bytes, and the broker's max_payload of %d leaves room for %d", d.EventID, len(data), limit, limit-spareRoom)
	}
	future, err := js.PublishAsync(subjectPrefix+subscriber, data,
		jetstream.WithMsgID(d.EventID+":"+subscriber), jetstream.WithExpectStream(Stream))
	if err != nil {
		return nil, b.refused(ctx, err)
	}
	return future, nil
}

// refused is broken, and has the streams looked for again: somebody may have removed them.
func (b *Broker) refused(ctx context.Context, err error) error {
	if errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrNoResponders) {
		b.setFurnished(false)
	}
	return broken(ctx, err)
}

// again publishes a message that the broker has already, under a name of its own: under the first one it could be taken for
// a repetition, and be lost.
func (b *Broker) again(ctx context.Context, js jetstream.JetStream, subscriber string, m message, copyOf string, seq uint64) error {
	m.Attempts, m.LastError, m.DeadAt = 0, "", nil
	data, err := m.encode()
	if err != nil {
		return err
	}
	id := m.EventID + ":" + subscriber + ":" + copyOf + ":" + strconv.FormatUint(seq, 10)
	return b.put(ctx, js, subjectPrefix+subscriber, data, jetstream.WithMsgID(id), jetstream.WithExpectStream(Stream))
}

// put returns nil when the broker has stored a message.
func (b *Broker) put(ctx context.Context, js jetstream.JetStream, subject string, data []byte, options ...jetstream.PublishOpt) error {
	asking, cancel := b.asking(ctx)
	defer cancel()
	if _, err := js.Publish(asking, subject, data, options...); err != nil {
		return b.refused(ctx, err)
	}
	return nil
}

func (b *Broker) know(subscriber string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[subscriber] = true
}
