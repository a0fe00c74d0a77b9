package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const aggregate = "shipment"

type shipmentRow struct {
	ID         string    `db:"id"`
	OrderID    string    `db:"order_id"`
	LocationID string    `db:"location_id"`
	Lines      string    `db:"lines"`
	Carrier    string    `db:"carrier"`
	Number     string    `db:"number"`
	URL        string    `db:"url"`
	CreatedAt  time.Time `db:"created_at"`
}

// InsertShipment implements delivering.Store. Of two who record one id at the same moment the second waits for the first
// and answers its record.
func (s *Store) InsertShipment(ctx context.Context, shipment fulfillment.Shipment) (fulfillment.Shipment, error) {
	var stored []fulfillment.Shipment
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		inserted, err := insert(ctx, tx, shipment)
		if err != nil {
			return err
		}
		if inserted {
			event := fulfillment.ShipmentCreated{ShipmentID: shipment.ID, OrderID: shipment.OrderID}
			record := outbox.Record{AggregateType: aggregate, AggregateID: shipment.ID, Seq: 1, Event: event}
			if err := s.outbox.Append(ctx, tx, record); err != nil {
				return err
			}
		}
		const query = `SELECT id, order_id, location_id, lines::text AS lines, carrier, number, url, created_at
FROM fulfillment.shipments WHERE id = $1`
		stored, err = shipments(ctx, tx, query, shipment.ID)
		return err
	})
	if err != nil {
		return fulfillment.Shipment{}, fmt.Errorf("record shipment: %w", err)
	}
	return stored[0], nil
}

// insert answers whether the shipment is new.
func insert(ctx context.Context, tx *sqldb.Tx, shipment fulfillment.Shipment) (bool, error) {
	const query = `INSERT INTO fulfillment.shipments (id, order_id, location_id, lines, carrier, number, url)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`
	lines := append([]fulfillment.ShipmentLine{}, shipment.Lines...)
	inserted, err := tx.Exec(ctx, query, shipment.ID, shipment.OrderID, shipment.LocationID, sqldb.JSON{V: lines},
		shipment.Tracking.Carrier, shipment.Tracking.Number, shipment.Tracking.URL)
	return inserted > 0, err
}

// Shipments implements delivering.Store.
func (s *Store) Shipments(ctx context.Context, req fulfillment.ShipmentsRequest) (fulfillment.ShipmentsAnswer, error) {
	const query = `SELECT id, order_id, location_id, lines::text AS lines, carrier, number, url, created_at
FROM fulfillment.shipments WHERE order_id = $1 ORDER BY created_at, id`
	if !ids.Valid(req.OrderID) { // PostgreSQL would refuse it as a mistake.
		return fulfillment.ShipmentsAnswer{Shipments: []fulfillment.Shipment{}}, nil
	}
	found, err := shipments(ctx, s.db, query, req.OrderID)
	return fulfillment.ShipmentsAnswer{Shipments: found}, err
}

func shipments(ctx context.Context, q sqldb.Queryer, query, id string) ([]fulfillment.Shipment, error) {
	var rows []shipmentRow
	if err := q.Select(ctx, &rows, query, id); err != nil {
		return nil, fmt.Errorf("read shipments: %w", err)
	}
	found := make([]fulfillment.Shipment, len(rows))
	for i, r := range rows {
		found[i] = fulfillment.Shipment{ID: r.ID, OrderID: r.OrderID, LocationID: r.LocationID, CreatedAt: r.CreatedAt,
			Tracking: fulfillment.Tracking{Carrier: r.Carrier, Number: r.Number, URL: r.URL}}
		if err := json.Unmarshal([]byte(r.Lines), &found[i].Lines); err != nil {
			return nil, fmt.Errorf("read lines of shipment %s: %w", r.ID, err)
		}
	}
	return found, nil
}
