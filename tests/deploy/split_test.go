package deploy

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestTheSplitCompositionFitsTogether wants every address in it to lead to somebody who listens there. It has never run here:
// the journeys with two of each run the same shape with processes.
func TestTheSplitCompositionFitsTogether(t *testing.T) {
	var file composition
	text := read(t, "deploy/compose.split.yml")
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	proxy := read(t, "deploy/haproxy.cfg")
	servers := 0
	for name, s := range file.Services {
		if s.Image != "rialto:local" {
			continue
		}
		servers++
		require.Equal(t, ":9090", s.Environment["RIALTO_INTERNAL_ADDR"], name)
		require.Contains(t, proxy, name+":9090", "the proxy reaches it inside")
		for setting, value := range s.Environment {
			require.Contains(t, settings(), setting, name)
			if !strings.HasSuffix(setting, "_URL") || setting == "RIALTO_BASE_URL" {
				continue
			}
			address, err := url.Parse(regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(value, "x"))
			require.NoError(t, err)
			require.Contains(t, file.Services, address.Hostname(), setting)
			if address.Hostname() == "proxy" {
				require.Contains(t, proxy, "bind :"+address.Port(), setting)
			}
		}
	}
	require.Equal(t, 4, servers)
	for _, backend := range regexp.MustCompile(`server \S+ ([a-z0-9-]+):`).FindAllStringSubmatch(proxy, -1) {
		require.Contains(t, file.Services, backend[1])
	}
	published := slices.Concat(file.Services["proxy"].Ports, file.Services["app-1"].Ports, file.Services["inventory-1"].Ports)
	require.Equal(t, []string{"127.0.0.1:8080:8080"}, published, "only the shop is published")
}
