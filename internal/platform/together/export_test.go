package together

// Waiting is how many callers wait for work to begin.
func Waiting[K comparable, V any](r *Reader[K, V]) int {
	r.group.mu.Lock()
	defer r.group.mu.Unlock()
	return len(r.group.waiting)
}
