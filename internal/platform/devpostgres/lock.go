//go:build unix

package devpostgres

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrInUse says that another process has the directory.
var ErrInUse = errors.New("in use by another server process")

// lockDir takes the directory for this process until the file is closed, which the kernel does at the
// latest when the process ends.
func lockDir(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "postgres.lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = inUse(dir, file)
	}
	if err == nil {
		err = writeOwner(file)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func inUse(dir string, file *os.File) error {
	pid, err := io.ReadAll(file)
	if err != nil || len(pid) == 0 {
		return fmt.Errorf("%s is %w", dir, ErrInUse)
	}
	return fmt.Errorf("%s is %w (pid %s)", dir, ErrInUse, strings.TrimSpace(string(pid)))
}

func writeOwner(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	return err
}
