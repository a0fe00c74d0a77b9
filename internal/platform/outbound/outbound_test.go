package outbound_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/outbound"
)

// trap is what the environment of these tests names as their proxy. net/http looks there once in the life of a process.
var (
	trapped atomic.Int64
	trap    = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
)

func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		if err := os.Setenv(name, trap.URL); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	trap.Close()
	os.Exit(code)
}

func TestS23LinksIntoThisNetworkAreRefusedBeforeAnythingIsAsked(t *testing.T) {
	client := outbound.New(outbound.Config{Lookup: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a name was resolved")
		return nil, context.Canceled
	}}})
	for _, link := range []string{
		"http://127.0.0.1/a.png", "http://127.8.9.1", "http://[::1]/", "http://0.0.0.0/", "http://169.254.169.254/latest/meta-data/",
		"http://10.1.2.3/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/", "http://[fd00::1]/",
		"http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/",
		"http://168.63.129.16/", "http://[::ffff:0:169.254.169.254]/", "http://[4000::1]/", "http://[2002:7f00:1::]/", "http://[::]/", "http://[::127.0.0.1]/", "http://[ff02::1]/", "http://224.0.0.1/", "http://255.255.255.255/",
		"http://0x7f.1/", "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.0.1./",
		"http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://shop.localhost/", "http://db.internal/", "http://printer.local/",
		"http://postgres/", "http://user:secret@pictures.example/", "http://pictures.example@127.0.0.1/", "http://@pictures.example/",
		"file:///etc/passwd", "gopher://pictures.example/", "ftp://pictures.example/", "//pictures.example/a", "/a.png", "javascript:alert(1)",
		"http://pictures.example:22/", "http://pictures.example:5432/", "http://pictures.example:0/", "http://pictures.example:80443/",
		"http://pictures.example:/", "http://", "http:///a", "http:pictures.example", "http://pictures..example/", "http://pictures.example%2e/",
		"http://pictures exam.ple/", "http://pictures.example\\@127.0.0.1/", "https://pictures.example/" + strings.Repeat("x", 3000), "",
		"http://127。0。0。1/", "http://１２７.０.０.１/",
	} {
		assert.ErrorIs(t, client.Check(link), outbound.ErrRefused, link)
		_, err := client.Get(t.Context(), link)
		assert.ErrorIs(t, err, outbound.ErrRefused, link)
	}
}

func TestLinksToThePublicAreNotRefused(t *testing.T) {
	client := outbound.New(outbound.Config{})
	for _, link := range []string{
		"https://pictures.example/a.png", "http://PICTURES.example./a b", "https://pictures.example:443/", "http://pictures.example:80?x=1",
		"https://93.184.216.34/a", "https://[2606:2800:220:1::1]/", "https://bücher.example/", "https://cdn_1.pictures.example/",
	} {
		assert.NoError(t, client.Check(link), link)
	}
}

// names is a resolver whose answers a test decides on, one address for each question of a name.
func names(t *testing.T, answer func(n int) string) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	go serveNames(socket, answer)
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

// serveNames answers questions for an A record with one (RFC 1035), and others with none.
func serveNames(socket net.PacketConn, answer func(n int) string) {
	const header, typeA, record = 12, 1, "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04"
	packet := make([]byte, 1500)
	asked := 0
	for {
		n, from, err := socket.ReadFrom(packet)
		if err != nil {
			return
		}
		end := header + bytes.IndexByte(packet[header:n], 0) + 5 // of the question: its name, a type and a class of two bytes each
		reply := append([]byte{packet[0], packet[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, packet[header:end]...)
		if packet[end-3] == typeA {
			asked++
			addr := netip.MustParseAddr(answer(asked)).As4()
			reply[7] = 1
			reply = append(append(reply, record...), addr[:]...)
		}
		_, _ = socket.WriteTo(reply, from)
	}
}

func TestS24ANameThatChangesItsAddressIsRefusedWhenItIsDialed(t *testing.T) {
	reached := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(server.Close)
	for _, private := range []string{"127.0.0.1", "169.254.169.254", "10.0.0.7"} {
		client := outbound.New(outbound.Config{Timeout: 2 * time.Second, Lookup: names(t, func(int) string { return private })})

		require.NoError(t, client.Check("http://pictures.example/"), "the name itself looks harmless")
		_, err := client.Get(t.Context(), "http://pictures.example/")

		assert.ErrorIs(t, err, outbound.ErrRefused, private)
		assert.NotContains(t, err.Error(), private, "who linked to it need not learn what is there")
	}
	assert.Zero(t, reached.Load())
}

// open is a client that may fetch from a test server, and that server's address under a public name.
func open(t *testing.T, handler http.HandlerFunc, config outbound.Config) (*outbound.Client, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address := netip.MustParseAddrPort(server.Listener.Addr().String())
	config.Trust = append(config.Trust, address)
	return outbound.New(config), server.URL
}

func TestS24ARedirectIsNotFollowed(t *testing.T) {
	reached := atomic.Int64{}
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(inside.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		client, link := open(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, status) }, outbound.Config{})

		_, err := client.Get(t.Context(), link)

		assert.ErrorIs(t, err, outbound.ErrStatus)
	}
	assert.Zero(t, reached.Load())
}

func TestS24AProxyOfTheEnvironmentIsNotAsked(t *testing.T) {
	client := outbound.New(outbound.Config{Timeout: 2 * time.Second, Lookup: names(t, func(int) string { return "127.0.0.1" }),
		Trust: []netip.AddrPort{netip.MustParseAddrPort(trap.Listener.Addr().String())}})

	_, err := client.Get(t.Context(), "http://pictures.example/")

	assert.ErrorIs(t, err, outbound.ErrRefused, "the name leads to this machine, and nobody else was asked")
	assert.Zero(t, trapped.Load())
}

func TestWhatIsBehindALinkIsFetchedWithinLimits(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			_, _ = fmt.Fprint(w, strings.Repeat("x", 11))
		case "/announced":
			w.Header().Set("Content-Length", "4000000000")
		case "/slow":
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = fmt.Fprint(w, strings.Repeat("x", 10))
		}
	}
	client, base := open(t, handler, outbound.Config{MaxBytes: 10, Timeout: 300 * time.Millisecond})

	body, err := client.Get(t.Context(), base+"/")
	require.NoError(t, err)
	assert.Len(t, body, 10)
	for path, want := range map[string]error{"/large": outbound.ErrTooLarge, "/announced": outbound.ErrTooLarge, "/gone": outbound.ErrStatus} {
		_, err := client.Get(t.Context(), base+path)
		assert.ErrorIs(t, err, want, path)
	}
	_, err = client.Get(t.Context(), base+"/slow")
	require.Error(t, err)
	assert.NotErrorIs(t, err, outbound.ErrRefused, "it may be tried again")
}

func TestOnlyTheTrustedPortOfAnAddressIsTrusted(t *testing.T) {
	client, link := open(t, func(http.ResponseWriter, *http.Request) {}, outbound.Config{})
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)

	assert.NoError(t, client.Check(link))
	assert.ErrorIs(t, client.Check(other.URL), outbound.ErrRefused)
}
