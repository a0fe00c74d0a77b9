//go:build faults

// Package faults lets servers die, sleep, end and disagree about the time in the middle of their work, against the real
// binary, PostgreSQL and a payment provider that remembers, and wants nothing lost and nothing done twice. Every test was
// seen red on a planted bug. Each house ends with every check of shop.House.CheckAll.
package faults

import (
	"testing"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }
