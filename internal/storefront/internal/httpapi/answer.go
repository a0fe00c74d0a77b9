package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/browsing"
)

const (
	// A change in the shop shows within this many seconds in front of any cache.
	publicCaching  = "public, max-age=5, stale-while-revalidate=30"
	privateCaching = "private, max-age=5"
	// tagLength leaves 128 bits of the body's hash.
	tagLength = 16
)

// asking is what a request said about its view, and the answer it already holds.
type asking struct {
	channel, currency, locale, country, key string
	keyHeader, acceptLanguage, ifNoneMatch  string
}

// vary names the headers that could choose another answer for the same address.
func (a asking) vary() string {
	var headers []string
	if a.locale == "" {
		headers = append(headers, "Accept-Language")
	}
	if a.channel == "" && a.key == "" {
		headers = append(headers, "X-Publishable-Key")
	}
	return strings.Join(headers, ", ")
}

// byHeader says whether a header of this request chose the answer.
func (a asking) byHeader() bool {
	return a.locale == "" && a.acceptLanguage != "" || a.channel == "" && a.key == "" && a.keyHeader != ""
}

// askingOf is the part of a request that byHeader looks at.
func askingOf(r *http.Request) asking {
	query := r.URL.Query()
	return asking{channel: query.Get("channel"), locale: query.Get("locale"), key: query.Get("key"),
		keyHeader: r.Header.Get("X-Publishable-Key"), acceptLanguage: r.Header.Get("Accept-Language")}
}

// answer encodes a body once: for the client, and for the tag that names it.
func (a asking) answer(view browsing.View, body any, link string) (*cacheable, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	sum := sha256.Sum256(encoded)
	c := &cacheable{body: encoded, language: view.Locale, link: link, vary: a.vary(), caching: publicCaching,
		tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:tagLength]) + `"`}
	if a.byHeader() {
		c.caching = privateCaching
	}
	c.unchanged = etag.NotModified(a.ifNoneMatch, c.tag)
	return c, nil
}

// cacheable is an answer that the client may already hold.
type cacheable struct {
	body                               []byte
	tag, caching, vary, language, link string
	// age is set, in seconds, when the answer was not made for this request.
	age       string
	unchanged bool
}

func (c *cacheable) send(w http.ResponseWriter) error {
	header := w.Header()
	header.Set("ETag", c.tag)
	header.Set("Cache-Control", c.caching)
	if c.vary != "" {
		header.Set("Vary", c.vary)
	}
	if c.age != "" {
		header.Set("Age", c.age)
	}
	if c.unchanged {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if c.link != "" {
		header.Set("Link", c.link)
	}
	header.Set("Content-Language", c.language)
	header.Set("Content-Type", "application/json")
	_, err := w.Write(c.body)
	return err
}

// VisitStoreGetProductResponse implements StoreGetProductResponseObject.
func (c *cacheable) VisitStoreGetProductResponse(w http.ResponseWriter) error { return c.send(w) }

// VisitStoreListProductsResponse implements StoreListProductsResponseObject.
func (c *cacheable) VisitStoreListProductsResponse(w http.ResponseWriter) error { return c.send(w) }

// VisitStoreListCategoriesResponse implements StoreListCategoriesResponseObject.
func (c *cacheable) VisitStoreListCategoriesResponse(w http.ResponseWriter) error { return c.send(w) }

// VisitStoreListCollectionsResponse implements StoreListCollectionsResponseObject.
func (c *cacheable) VisitStoreListCollectionsResponse(w http.ResponseWriter) error { return c.send(w) }
