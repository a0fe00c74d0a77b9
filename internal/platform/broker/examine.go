package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrUnreachable, ErrNoJetStream and ErrNotYet are what Examine finds wrong with a broker.
	ErrUnreachable = errors.New("it cannot be reached")
	ErrNoJetStream = errors.New("it has no JetStream for this user")
	ErrNotYet      = errors.New("its streams are not made yet")
)

// Seen is what Examine saw of a broker.
type Seen struct {
	// Replicas is how many copies the broker keeps of what is on its way.
	Replicas int
	// Untaken are subscribers for whom events wait, and whom nobody asks for them.
	Untaken []string
}

// Examine looks at the broker, without changing anything. Errors: ErrUnreachable, ErrNoJetStream, ErrNotYet.
func (b *Broker) Examine(ctx context.Context) (Seen, error) {
	conn, err := nats.Connect(b.cfg.URL, nats.Name(b.cfg.Name), nats.Timeout(dialLimit), nats.NoReconnect())
	if err != nil {
		return Seen{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return Seen{}, err
	}
	if _, err := js.AccountInfo(ctx); err != nil {
		return Seen{}, fmt.Errorf("%w: %w", ErrNoJetStream, err)
	}
	for _, wanted := range streams() {
		if _, err := js.Stream(ctx, wanted.Name); err != nil {
			return Seen{}, fmt.Errorf("%w: %s: %w", ErrNotYet, wanted.Name, err)
		}
	}
	return look(ctx, js)
}

func look(ctx context.Context, js jetstream.JetStream) (Seen, error) {
	stream, err := js.Stream(ctx, Stream)
	if err != nil {
		return Seen{}, err
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(subjectPrefix+">"))
	if err != nil {
		return Seen{}, err
	}
	seen := Seen{Replicas: info.Config.Replicas}
	for subject := range info.State.Subjects {
		subscriber := subject[len(subjectPrefix):]
		consumer, err := stream.Consumer(ctx, durable(subscriber))
		if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return seen, err
		}
		if err != nil || idle(consumer.CachedInfo()) {
			seen.Untaken = append(seen.Untaken, subscriber)
		}
	}
	return seen, nil
}

// idle says whether nobody asks for messages, nor has any.
func idle(c *jetstream.ConsumerInfo) bool { return c.NumWaiting == 0 && c.NumAckPending == 0 }
