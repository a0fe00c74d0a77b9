//go:build !linux

package sqldb

import (
	"net"
	"syscall"
)

// limitUnacknowledged leaves it to keep-alives: only Linux has the option.
func limitUnacknowledged(string, string, syscall.RawConn) error { return nil }

// quiet believes every connection: one that the server has closed costs a statement its answer.
func quiet(net.Conn) bool { return true }
