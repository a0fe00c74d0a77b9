package sqldb

import (
	"time"

	"github.com/lib/pq"
)

// SetPoolWait is for tests that do not want to wait as long as a caller does.
func (db *DB) SetPoolWait(d time.Duration) { db.poolWait = d }

// DefaultSSLMode is the sslmode of a DSN that names none.
func DefaultSSLMode(dsn string) (pq.SSLMode, error) {
	settings, err := connectionConfig(dsn, "")
	return settings.SSLMode, err
}
