//go:build unix

package devpostgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const remainsPoll = 10 * time.Millisecond

// clearRemains ends what an earlier process left behind when it was killed: a server that is still
// running or shutting down, and the directory of its socket. Having the lock, we know that nobody
// supervises them.
func (s *Server) clearRemains(ctx context.Context) error {
	if pid, ok := s.survivor(); ok {
		s.config.Log("stopping the PostgreSQL of an earlier process", "pid", pid)
		if err := endSurvivor(ctx, pid, s.dataDir()); err != nil {
			return fmt.Errorf("stop the PostgreSQL of an earlier process (pid %d): %w", pid, err)
		}
	}
	earlier, err := readState(s.config.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && strings.HasPrefix(filepath.Base(earlier.SocketDir), runDirPrefix) {
		_ = os.RemoveAll(earlier.SocketDir)
	}
	return removeState(s.config.Dir)
}

// survivor finds the number of a server that still runs in the data directory.
func (s *Server) survivor() (pid int, ok bool) {
	text, err := os.ReadFile(filepath.Join(s.dataDir(), "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return 0, false
	}
	return pid, isPostmaster(pid, resolved(s.dataDir()))
}

func endSurvivor(ctx context.Context, pid int, dataDir string) error {
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	tick := time.NewTicker(remainsPoll)
	defer tick.Stop()
	for isPostmaster(pid, resolved(dataDir)) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
