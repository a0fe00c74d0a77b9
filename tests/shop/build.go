package shop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// folder holds the binaries that this test process builds. It belongs to the process; Main removes it.
var folder = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "rialto-bin-") })

// Each variant is built at most once per test process; the go command's cache makes every further build short.
var (
	buildPlain           = sync.OnceValues(func() (string, error) { return build("server") })
	buildRace            = sync.OnceValues(func() (string, error) { return build("server-race", "-race") })
	buildFailpoints      = sync.OnceValues(func() (string, error) { return build("server-failpoints", "-tags=failpoints") })
	buildFailpointsRaced = sync.OnceValues(func() (string, error) {
		return build("server-failpoints-race", "-race", "-tags=failpoints")
	})
)

func build(name string, flags ...string) (string, error) {
	dir, err := folder()
	if err != nil {
		return "", err
	}
	_, here, _, _ := runtime.Caller(0)
	binary := filepath.Join(dir, name)
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", binary, "./cmd/server")...)
	cmd.Dir = filepath.Join(filepath.Dir(here), "..", "..")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, output)
	}
	return binary, nil
}

// Binary answers the path of the built server.
func Binary(t testing.TB) string {
	t.Helper()
	return variant(t, false, false)
}

// variant answers the path of the server, built with the race detector or with failpoints.
func variant(t testing.TB, race, failpoints bool) string {
	t.Helper()
	makers := map[[2]bool]func() (string, error){
		{false, false}: buildPlain, {true, false}: buildRace, {false, true}: buildFailpoints, {true, true}: buildFailpointsRaced}
	binary, err := makers[[2]bool{race, failpoints}]()
	require.NoError(t, err)
	return binary
}

// Main runs the tests of a package and removes the binaries afterwards. Use it in TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if dir, err := folder(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}
