package split

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// doors are the addresses at which a process listens, as the kernel knows them.
func doors(t *testing.T, pid int) []string {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	require.NoError(t, err)
	own := map[string]bool{}
	for _, file := range files {
		target, _ := os.Readlink(file)
		own[strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]")] = true
	}
	table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", pid))
	require.NoError(t, err)
	const address, state, inode, listening = 1, 3, 9, "0A"
	var found []string
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) > inode && fields[state] == listening && own[fields[inode]] {
			var ip, port uint32
			_, err := fmt.Sscanf(fields[address], "%08X:%04X", &ip, &port)
			require.NoError(t, err)
			require.EqualValues(t, 0x0100007F, ip, "nothing but loopback was asked for")
			found = append(found, fmt.Sprintf("http://127.0.0.1:%d", port))
		}
	}
	return found
}

// knock answers what a request from nobody is answered, without its body.
func knock(t *testing.T, method, url string, headers ...shop.Header) (status int, header http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	for _, h := range headers {
		req.Header.Set(h.Name, h.Value)
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode, res.Header
}

func refused(t *testing.T, want int, method, url string, headers ...shop.Header) {
	t.Helper()
	status, _ := knock(t, method, url, headers...)
	assert.Equal(t, want, status, "%s %s %v", method, url, headers)
}

// TestS36NobodyGetsInByAnotherDoor tries every port that the processes of a divided shop listen at.
func TestS36NobodyGetsInByAnotherDoor(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Apart: [][]string{{"inventory"}, {"payments"}}})
	for place, replica := range map[string]*shop.Replica{
		"app": h.Replicas[0], "inventory": h.Part("inventory").Replicas[0], "payments": h.Part("payments").Replicas[0]} {
		all := doors(t, replica.PID())
		require.Len(t, all, 3, "%s has its API, the way for other processes, and its metrics", place)
		require.Contains(t, all, replica.URL)
		for _, door := range all {
			for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/internal/v1/inventory/Adjust", "/internal/v1/events/Revive"} {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					status, _ := knock(t, method, door+path)
					assert.Contains(t, []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed}, status, "%s %s of %s at %s", method, path, place, door)
				}
			}
			if strings.HasSuffix(replica.URL, door) {
				for _, method := range []string{http.MethodTrace, "PURGE", "PROPFIND"} {
					refused(t, http.StatusMethodNotAllowed, method, door+"/livez")
				}
				refused(t, http.StatusNotFound, http.MethodGet, door+"/metrics")
			}
		}
		for _, op := range []string{"/admin/v1/stock-levels", "/admin/v1/payment-reviews", "/store/v1/products"} {
			if place != "app" {
				refused(t, http.StatusNotFound, http.MethodGet, replica.URL+op) // the app is the only public way
			}
		}
	}
}

// TestS36ThereIsNoKeyThatEverybodyKnows tries what people try.
func TestS36ThereIsNoKeyThatEverybodyKnows(t *testing.T) {
	s := shop.Start(t)
	for _, credentials := range []string{"Bearer admin", "Bearer sk_admin", "Bearer sk_test", "Bearer supersecret", "Basic YWRtaW46YWRtaW4=", "Bearer "} {
		refused(t, http.StatusUnauthorized, http.MethodGet, s.URL+"/admin/v1/orders", shop.Header{Name: "Authorization", Value: credentials})
	}
	origin := shop.Header{Name: "Origin", Value: "https://evil.example"}
	for path, anyOrigin := range map[string]string{"/store/v1/products": "*", "/admin/v1/orders": ""} {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			_, header := knock(t, method, s.URL+path, origin, shop.Header{Name: "Access-Control-Request-Method", Value: http.MethodGet})
			assert.Equal(t, anyOrigin, header.Get("Access-Control-Allow-Origin"), "%s %s", method, path)
			assert.Empty(t, header.Get("Access-Control-Allow-Credentials"), "%s %s", method, path)
		}
	}
}

// TestS36AReleaseHasNoFailpoints looks for them in the binary itself.
func TestS36AReleaseHasNoFailpoints(t *testing.T) {
	release, err := os.ReadFile(shop.Binary(t))
	require.NoError(t, err)
	for _, trace := range []string{"RIALTO_FAILPOINTS", "RIALTO_CLOCK_OFFSET"} {
		assert.False(t, bytes.Contains(release, []byte(trace)), trace)
	}
	require.True(t, bytes.Contains(release, []byte("RIALTO_INTERNAL_TOKEN")), "settings can be found like this")
}
