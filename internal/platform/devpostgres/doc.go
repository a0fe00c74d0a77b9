// Package devpostgres runs a private PostgreSQL for one process: for trying the shop out with nothing
// configured, and for tests. It is not for production.
//
// It owns what it keeps under one directory (Config.Dir):
//
//	postgres/        the data directory
//	postgres.lock    held by the one process that may run it
//	postgres.log     what the server said
//	postgres.json    how to reach it while it runs; see Attach
//	postgres-bin/    binaries fetched through npm, when the machine has none
//
// It knows nothing of what is in the database.
//
// # Access
//
// The server listens on no network port. It has a Unix socket in a fresh directory under /tmp that only
// its operating system user can enter (and root), and that user is trusted without a password: it could
// read the data files anyway. Started by root, which PostgreSQL refuses to run as, it runs as the user
// "postgres" or else "nobody". On Linux the data directory is then handed over as an open file, so that
// it may lie below a directory which that user cannot enter, such as /root.
//
// # Ends
//
// The server ends when its process does. On Linux the kernel sees to that even after kill -9; elsewhere
// the next Start in the same directory stops what was left running. No committed row is lost either way,
// unless Config.FsyncOff was set and the whole machine fell over.
package devpostgres
