//go:build unix && !linux

package devpostgres

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

const (
	outlivesThread = syscall.Signal(0)
	diesWithThread = syscall.SIGINT
)

// processAttr puts PostgreSQL into its own process group, so that Ctrl-C in a terminal reaches us alone
// and requests in flight can still finish. There is no death signal here.
func (s *Server) processAttr(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: s.account.credential}
}

// enterDir returns how a command run as the server's user names dir. Run by root, every parent of dir
// must be open to that user.
func (s *Server) enterDir(_ *exec.Cmd, dir string) (string, error) {
	return dir, nil
}

// isPostmaster tells the server of a data directory from another process that was given its number.
func isPostmaster(pid int, dataDir string) bool {
	command, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(command), dataDir)
}
