package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

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

// InsertShipment implements delivering.Store.
func (s *Store) InsertShipment(ctx context.Context, shipment fulfillment.Shipment) (fulfillment.Shipment, error) {
	const query = `INSERT INTO fulfillment.shipments (id, order_id, location_id, lines, carrier, number, url)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		inserted, err := tx.Exec(ctx, query, shipment.ID, shipment.OrderID, shipment.LocationID, sqldb.JSON{V: shipment.Lines},
			shipment.Tracking.Carrier, shipment.Tracking.Number, shipment.Tracking.URL)
		if err != nil || inserted == 0 {
			return err
		}
		event := fulfillment.ShipmentCreated{ShipmentID: shipment.ID, OrderID: shipment.OrderID}
		return s.outbox.Append(ctx, tx, outbox.Record{AggregateType: "shipment", AggregateID: shipment.ID, Seq: 1, Event: event})
	})
	if err != nil {
		return fulfillment.Shipment{}, fmt.Errorf("record shipment: %w", err)
	}
	return s.findShipment(ctx, shipment.ID)
}

func (s *Store) findShipment(ctx context.Context, id string) (fulfillment.Shipment, error) {
	const query = `SELECT id, order_id, location_id, lines::text AS lines, carrier, number, url, created_at FROM fulfillment.shipments WHERE id = $1`
	found, err := s.shipments(ctx, query, id)
	if err != nil {
		return fulfillment.Shipment{}, err
	}
	return found[0], nil
}

// Shipments implements delivering.Store.
func (s *Store) Shipments(ctx context.Context, req fulfillment.ShipmentsRequest) (fulfillment.ShipmentsAnswer, error) {
	const query = `SELECT id, order_id, location_id, lines::text AS lines, carrier, number, url, created_at
FROM fulfillment.shipments WHERE order_id = $1 ORDER BY created_at, id`
	found, err := s.shipments(ctx, query, req.OrderID)
	return fulfillment.ShipmentsAnswer{Shipments: found}, err
}

func (s *Store) shipments(ctx context.Context, query, id string) ([]fulfillment.Shipment, error) {
	var rows []shipmentRow
	if err := s.db.Select(ctx, &rows, query, id); err != nil {
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
