package shop

import "net/http"

// Do sends a request that Send cannot make, such as one with two headers of a name, and reads its answer.
func (s *Shop) Do(req *http.Request) (Answer, error) { return s.read(req) }
