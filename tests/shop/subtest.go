package shop

import "testing"

// In is the shop as a subtest sees it: what fails there fails the subtest, and the shop goes on.
func (s *Shop) In(t testing.TB) *Shop {
	seen := *s
	seen.t = t
	return &seen
}
