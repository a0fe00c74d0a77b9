package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// client speaks to the shop, as staff with the key and as a shopper with the token of a cart.
type client struct {
	url, key string
}

// call is one request. Header holds names and values in turn.
type call struct {
	method, path string
	header       []string
	body         any
}

// do makes a request that must succeed and decodes its answer into into.
func (c *client) do(ctx context.Context, request call, into any) error {
	var body io.Reader
	if request.body != nil {
		encoded, err := json.Marshal(request.body)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, request.method, c.url+request.path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(request.header); i += 2 {
		req.Header.Set(request.header[i], request.header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", request.method, request.path, res.Status, answer)
	}
	return json.Unmarshal(answer, into)
}

func (c *client) admin(ctx context.Context, path string, into any) error {
	return c.do(ctx, call{method: http.MethodGet, path: "/admin/v1" + path, header: []string{"Authorization", "Bearer " + c.key}}, into)
}

// page is what every list answers.
type page[T any] struct {
	Data []T `json:"data"`
	Page struct {
		NextCursor string `json:"next_cursor"`
		Total      int    `json:"total"`
	} `json:"page"`
}

// each reads a whole list of the admin API; query begins with "&" or is empty.
func each[T any](ctx context.Context, c *client, path, query string) ([]T, error) {
	var all []T
	next := path + "?limit=100" + query
	for {
		var found page[T]
		if err := c.admin(ctx, next, &found); err != nil {
			return nil, err
		}
		all = append(all, found.Data...)
		if found.Page.NextCursor == "" {
			return all, nil
		}
		next = path + "?limit=100" + query + "&cursor=" + found.Page.NextCursor
	}
}

// total counts a list of the admin API.
func (c *client) total(ctx context.Context, path string) (int, error) {
	var found page[json.RawMessage]
	err := c.admin(ctx, path+"?limit=1&total=true", &found)
	return found.Page.Total, err
}
