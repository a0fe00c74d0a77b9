package abuse

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	mega = 1 << 20
	giga = 1 << 30
	// swallowed is how much of an endless body may leave the client before it notices that nobody reads: the limit of the
	// server and what two sockets buffer on the way.
	swallowed = 20 * mega
	// grown is how much memory a server may have more after it all, in bytes: a twentieth of what it was sent. What the
	// collector has not taken back yet is a few bodies of the size that is allowed, and once more what the server has anyway.
	grown = 64 * mega
	// patience ends a test that hangs.
	patience = 20 * time.Second
)

// enormousBodies sends far more than a server wants to read, in the ways there are to send it.
func enormousBodies(w *world) {
	before := resident(w)
	for _, op := range w.document.withBody() {
		c := w.ready[op.ID]
		w.unchanged(op.ID, func() {
			announced := bytes.NewReader(bytes.Repeat([]byte(" "), 10*mega))
			requireTooLarge(w, op, c, announced)
			requireTooLarge(w, op, c, io.MultiReader(announced, strings.NewReader(`{}`)))
		})
	}
	w.unchanged("an endless body", func() { endless(w) })
	w.unchanged("a bomb", func() { bomb(w) })
	require.Less(w.t, resident(w)-before, int64(grown), "the server kept what it was sent")
}

// requireTooLarge sends a body; http.Client announces the length of one that it knows and sends others in chunks.
func requireTooLarge(w *world, op operation, c call, body io.Reader) {
	w.t.Helper()
	if reader, known := body.(*bytes.Reader); known {
		_, err := reader.Seek(0, io.SeekStart)
		require.NoError(w.t, err)
	}
	answer := w.raw(c.method, c.path, body, append(w.credentials(op), append(c.headers, typed(jsonType))...)...)
	require.Equal(w.t, "413 payload_too_large", told(answer), "%s: %s", op.ID, answer.Raw)
}

// endless writes chunks of white space until the server has enough, at most one gigabyte.
func endless(w *world) {
	conn := dial(w)
	_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", cartsPath)
	require.NoError(w.t, err)
	answered := make(chan string, 1)
	go func() { answered <- firstLine(conn) }()
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", mega, strings.Repeat(" ", mega))
	sent := 0
	for err == nil && sent < giga {
		_, err = conn.Write(chunk)
		sent += mega
	}
	require.Error(w.t, err, "the server took the whole gigabyte")
	require.Less(w.t, sent, swallowed)
	require.Contains(w.t, <-answered, "413")
}

// dial opens a connection for what no client of HTTP would send.
func dial(w *world) net.Conn {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(w.t, conn.SetDeadline(time.Now().Add(patience)))
	return conn
}

// firstLine is what a server begins its answer with; "" when it ends the connection without one.
func firstLine(conn net.Conn) string {
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}

// bomb is a megabyte that unpacks to a gigabyte. It is refused by its header, so what unpacks it is never asked.
func bomb(w *world) {
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	_, err := packer.Write(make([]byte, mega))
	require.NoError(w.t, err)
	require.NoError(w.t, packer.Close())
	whole := bytes.Repeat(packed.Bytes(), giga/mega) // several files are one
	require.Greater(w.t, len(whole), mega)
	answer := w.raw(http.MethodPost, cartsPath, bytes.NewReader(whole[:mega]), typed(jsonType), shop.Header{Name: "Content-Encoding", Value: "gzip"})
	require.Equal(w.t, "415 unsupported_media_type", told(answer), "%s", answer.Raw)
}

var (
	metricsAddress = regexp.MustCompile(`"?metrics"?[=:]"?(127\.0\.0\.1:\d+)`)
	residentBytes  = regexp.MustCompile(`(?m)^process_resident_memory_bytes (\S+)$`)
)

// resident is the memory of the server, in bytes, as it measures itself.
func resident(w *world) int64 {
	w.t.Helper()
	address := metricsAddress.FindStringSubmatch(w.Log())
	require.NotNil(w.t, address, "the log does not tell where metrics are")
	res, err := http.Get("http://" + address[1] + "/metrics")
	require.NoError(w.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	value := residentBytes.FindSubmatch(text)
	require.NotNil(w.t, value)
	n, err := strconv.ParseFloat(string(value[1]), 64)
	require.NoError(w.t, err)
	return int64(n)
}
