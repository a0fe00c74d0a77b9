package app

import "testing"

// Metric is the sum of a gauge over its labels.
func Metric(t testing.TB, a *App, name string) float64 {
	t.Helper()
	families, err := a.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name {
				sum += m.GetGauge().GetValue()
			}
		}
	}
	return sum
}
