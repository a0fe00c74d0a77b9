package imports

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// pictureLinksIntoTheNetwork listens on this machine, and links to itself in every spelling.
// That an address is refused when it is dialed, too, is tested where it is dialed.
func pictureLinksIntoTheNetwork(t *testing.T, s *shop.Shop) {
	t.Helper()
	dialed := atomic.Int64{}
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = inside.Close() })
	go func() {
		for {
			conn, err := inside.Accept()
			if err != nil {
				return
			}
			dialed.Add(1)
			_ = conn.Close()
		}
	}()
	_, port, err := net.SplitHostPort(inside.Addr().String())
	require.NoError(t, err)
	links := []string{
		"http://127.0.0.1:" + port + "/a.png", "http://127.0.0.1/a.png", "http://[::1]:" + port + "/", "http://0.0.0.0:" + port + "/",
		"http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.0.1/", "http://172.20.0.1/", "http://100.64.0.1/",
		"http://[fd00::1]/", "http://[fe80::1]/", "http://[::ffff:127.0.0.1]:" + port + "/", "http://[64:ff9b::7f00:1]/", "http://0x7f.1:" + port + "/",
		"http://2130706433:" + port + "/", "http://localhost.:" + port + "/", "http://u:p@pictures.example/", "file:///etc/passwd",
		"gopher://127.0.0.1:" + port + "/", "http://pictures.example:22/", "http://127.0.0.1:5432/",
	}
	var file strings.Builder
	file.WriteString(small)
	for i, link := range links {
		fmt.Fprintf(&file, "p-%d,P,,,P-%d,3,,,%s\n", i, i, link)
	}

	id := accept(t, s, file.String())
	found := await(t, s, id, "completed")

	assert.Equal(t, []int64{int64(len(links)), 0, 0}, counts(t, found, "products", "pictures", "failed"), "the goods are brought in without them")
	var want []string
	for i := range links {
		want = append(want, fmt.Sprintf("%d picture_link_refused Image Src", i+2))
	}
	assert.Equal(t, want, problems(t, s, id))
	assert.Zero(t, s.Int(`SELECT count(*) FROM catalog.media`))
	assert.Zero(t, s.Int(`SELECT count(*) FROM integrations.pictures`))
	assert.Zero(t, dialed.Load())
}
