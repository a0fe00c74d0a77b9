package contracttest

import "sync"

// Together runs n at the same moment, waits for all, and answers what they answered, in order of their numbers.
func Together[T any](n int, run func(i int) T) []T {
	answers := make([]T, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			answers[i] = run(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return answers
}

// Count answers how often each value occurs.
func Count[T comparable](values []T) map[T]int {
	counts := map[T]int{}
	for _, v := range values {
		counts[v]++
	}
	return counts
}
