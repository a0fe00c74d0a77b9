//go:build !failpoints

package failpoint

import (
	"context"
	"time"
)

// Hit is passed at the place called name. It always answers nil.
func Hit(context.Context, string) error { return nil }

// Now is the clock.
func Now() time.Time { return time.Now() }

// Settings are the environment variables that switch failpoints on: none.
func Settings() []string { return nil }

// Open does nothing.
func Open() error { return nil }
