package devpostgres

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

const (
	outlivesThread = syscall.Signal(0)
	diesWithThread = syscall.SIGINT // the signal for a fast shutdown
)

// processAttr puts PostgreSQL into its own process group, so that Ctrl-C in a terminal reaches us alone
// and requests in flight can still finish. The kernel sends it the death signal, unless that is 0, when
// the thread that started it ends, which happens at the latest when we die, even by SIGKILL.
func (s *Server) processAttr(death syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: s.account.credential, Pdeathsig: death}
}

// enterDir returns how a command run as the server's user names dir. A user other than ours may be unable
// to enter a parent of dir; then the command inherits dir as file 3, the first after the standard ones.
func (s *Server) enterDir(cmd *exec.Cmd, dir string) (string, error) {
	if s.account.credential == nil {
		return dir, nil
	}
	file, err := os.Open(dir)
	if err != nil {
		return "", err
	}
	cmd.ExtraFiles = []*os.File{file}
	return "/proc/self/fd/3", nil
}

// isPostmaster tells the server of a data directory from another process that was given its number. A
// server runs inside its data directory.
func isPostmaster(pid int, dataDir string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && cwd == dataDir
}
