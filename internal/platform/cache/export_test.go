package cache

import "time"

// Clock replaces the watch's clock.
func (w *Watch) Clock(now func() time.Time) { w.clock = now }
