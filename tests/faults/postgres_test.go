//go:build faults

package faults

import (
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// limitFiles lets no file of a server grow beyond a size in bytes, or "unlimited": neither of the sessions that it has nor of
// those that it begins. Limits are the business of the user that the server runs as.
func limitFiles(t testing.TB, p *shop.Postgres, size string, sessions []int64) {
	t.Helper()
	for _, pid := range append(sessions, int64(p.PID())) {
		cmd := exec.Command("prlimit", "--pid", strconv.FormatInt(pid, 10), "--fsize="+size+":unlimited")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.User()}
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
}
