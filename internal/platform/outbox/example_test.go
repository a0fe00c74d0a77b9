package outbox_test

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// The change and its event commit together; the relay is woken after the commit.
func ExampleOutbox_Append() {
	kitchen := outbox.New("kitchen", map[string][]outbox.Subscriber{"kitchen.dish_served.v1": {{Name: "waiters"}}}, ids.New)

	_ = func(ctx context.Context, db *sqldb.DB, relay *outbox.Relay) error {
		err := db.InTx(ctx, func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO kitchen.dishes (name) VALUES ($1)`, "soup"); err != nil {
				return fmt.Errorf("serve dish: %w", err)
			}
			return kitchen.Append(ctx, tx, outbox.Record{
				AggregateType: "dish", AggregateID: "soup", Seq: 1, Event: dishServed{Dish: "soup", Table: 7},
			})
		})
		relay.Wake()
		return err
	}
}

// A relay belongs to the composition root, which alone knows all schemas and listeners.
func ExampleNewRelay() {
	_ = func(ctx context.Context, db *sqldb.DB) error {
		relay := outbox.NewRelay(outbox.Config{
			DB:      db,
			Schemas: []string{"kitchen"},
			Subscribers: map[string]outbox.Listener{
				"waiters": func(_ context.Context, batch []outbox.Delivery) error {
					fmt.Println(len(batch), "dishes to carry")
					return nil
				},
			},
		})
		return relay.Run(ctx)
	}
}

func ExampleDecode() {
	delivery := outbox.Delivery{Name: "kitchen.dish_served.v1", Payload: []byte(`{"dish": "soup", "table": 7}`)}

	event, err := outbox.Decode[dishServed](delivery)

	fmt.Printf("%+v %v\n", event, err)
	// Output: {Dish:soup Table:7} <nil>
}
