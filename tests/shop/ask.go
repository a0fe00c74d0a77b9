package shop

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// ask makes a request to a helper of the tests, wants an answer of the 200s and reads it when into is not nil.
func ask(client *http.Client, req *http.Request, into any) error {
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode/100 != 2 {
		said, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s %s: %s %s", req.Method, req.URL, res.Status, said)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(into)
}
