// Package outbox announces what happened in a module to those who asked to know, at least once.
//
// A module appends its events in the transaction that made them true, so there is no change without its
// event and no event without its change. The event row stays, as the log. Beside it stands one delivery
// row per subscriber; a [Relay] claims deliveries by their state, hands them to the subscriber's
// [Listener] in batches and outside any transaction, and deletes what was handled.
//
// What a listener may not assume:
//
//   - Once. A process that ends between handling and deleting hands the same event to the next one, so
//     handling must be idempotent.
//   - Order. Events of one aggregate carry its Seq; a listener ignores those older than what it has seen.
//   - Success of the rest. A batch fails as a whole and is handed over again as a whole; from the third
//     attempt on, each event comes alone, so that one bad event does not take others down. A listener that cannot even
//     reach whoever acts (Config.Away) has not attempted anything: its queue waits, for as long as it takes.
//
// A batch stays with its relay while the listener runs, for Config.Longest at most: the lease is renewed. A process that
// dies loses it after Config.Lease. What used up its attempts is dead until [Relay.Revive]; what everybody has handled is
// dropped by [Relay.Prune] when it is old.
//
// Nothing here notifies through the database: a NOTIFY in a hot transaction takes group commit away
// from all others. A process wakes its own relay after its commits, which is enough: that relay can deliver
// everything. Polling finds what a process left that died.
//
// The package owns the text of two tables, outbox_events and outbox_deliveries, which each announcing
// module keeps in its own schema ([MigrationSQL]). It knows no module, event or subscriber by name.
package outbox
