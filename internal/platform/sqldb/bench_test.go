package sqldb_test

import "testing"

// BenchmarkGet is what reading one row costs the way a request reads it: prepared, and under a context that can end.
func BenchmarkGet(b *testing.B) {
	db := newDatabase(b).Admin()
	b.ReportAllocs()
	for b.Loop() {
		quantity(b, db, 1)
	}
}
