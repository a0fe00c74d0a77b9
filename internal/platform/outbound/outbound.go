// Package outbound fetches what others link to without becoming their proxy into this network: only http and https, only
// their usual ports, only public addresses. Names are looked at before anything is done, and the address that is really
// dialed once more, so that a name that changes its address between the two gains nothing. Redirects are not followed and
// proxies of the environment are not asked.
//
// It owns that guard and the limits of a fetch. It does not know what is fetched or what for.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

const (
	defaultTimeout  = 15 * time.Second
	defaultMaxBytes = 10 << 20
	dialTimeout     = 5 * time.Second
	maxHeaderBytes  = 32 << 10
	userAgent       = "Rialto"
)

var (
	// ErrRefused answers a link that is not fetched, whatever is behind it. Trying again does not help.
	ErrRefused = fault.New("link_refused", "the link is not fetched")
	// ErrTooLarge answers a body over the limit.
	ErrTooLarge = fault.New("body_too_large", "what is behind the link is too large")
	// ErrStatus answers any status but 200, redirects among them.
	ErrStatus = fault.New("unexpected_status", "the link does not answer 200")
)

// Config of a Client. The zero value is for production.
type Config struct {
	Timeout  time.Duration // of a whole fetch; 15 s when zero
	MaxBytes int64         // of a body; 10 MiB when zero
	// Lookup resolves names; the system's resolver when nil.
	Lookup *net.Resolver
	// Trust names addresses and ports that are fetched from although they are not public or not usual: a server of a test.
	Trust []netip.AddrPort
}

// Client fetches links. It is safe for use by many goroutines.
type Client struct {
	http   *http.Client
	config Config
}

// New returns a client. It keeps no connections.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = defaultMaxBytes
	}
	client := &Client{config: c}
	dialer := &net.Dialer{Timeout: dialTimeout, Resolver: c.Lookup, Control: client.control}
	client.http = &http.Client{
		Timeout: c.Timeout,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: c.Timeout, MaxResponseHeaderBytes: maxHeaderBytes,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client
}

// control sees the address that is about to be dialed, after every name was resolved.
func (c *Client) control(network, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return ErrRefused.Detailf("%s %s is no address to fetch from", network, address)
	}
	if c.trusts(target) {
		return nil
	}
	if !slices.Contains(usualPorts(), target.Port()) {
		return ErrRefused.Detailf("the port %d is neither 80 nor 443", target.Port())
	}
	if why := notPublic(target.Addr()); why != "" {
		return ErrRefused.Detailf("the address is %s", why)
	}
	return nil
}

func (c *Client) trusts(target netip.AddrPort) bool {
	return slices.Contains(c.config.Trust, netip.AddrPortFrom(target.Addr().Unmap(), target.Port()))
}

// Get fetches what is behind a link.
// Errors: ErrRefused, ErrStatus, ErrTooLarge; any other means that it could not be reached this time.
func (c *Client) Get(ctx context.Context, link string) (body []byte, err error) {
	if err := c.Check(link); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, ErrRefused.Wrap(err)
	}
	req.Header.Set("User-Agent", userAgent)
	res, err := c.http.Do(req)
	if err != nil {
		var refusal *fault.Error
		if errors.As(err, &refusal) {
			return nil, refusal
		}
		return nil, fmt.Errorf("fetch: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, ErrStatus.Detailf("the link answers %d", res.StatusCode)
	}
	return c.read(res)
}

func (c *Client) read(res *http.Response) ([]byte, error) {
	tooLarge := ErrTooLarge.Detailf("what is behind the link has more than %d bytes", c.config.MaxBytes)
	if res.ContentLength > c.config.MaxBytes {
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, c.config.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if int64(len(body)) > c.config.MaxBytes {
		return nil, tooLarge
	}
	return body, nil
}
