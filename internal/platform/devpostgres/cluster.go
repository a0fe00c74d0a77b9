//go:build unix

package devpostgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// ensureCluster makes the data directory when there is none. It appears under its name once it is
// complete, so that a process killed in between leaves nothing that looks usable.
func (s *Server) ensureCluster(ctx context.Context) error {
	if _, err := os.Stat(s.dataDir()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unfinished := s.dataDir() + ".init"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return err
	}
	if err := s.account.own(unfinished); err != nil {
		return err
	}
	s.config.Log("making a PostgreSQL data directory", "directory", s.dataDir(), "version", s.binary.version)
	if err := s.initdb(ctx, unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, s.dataDir())
}

// initdb sorts text by bytes, which is the same on every machine, and knows the letters of all languages.
func (s *Server) initdb(ctx context.Context, dir string) error {
	letters := "C.UTF-8"
	if runtime.GOOS == "darwin" {
		letters = "UTF-8"
	}
	cmd := s.command(ctx, "initdb",
		"--username="+superuser, "--auth-local=trust", "--auth-host=reject", "--no-instructions",
		"--encoding=UTF8", "--locale=C", "--lc-ctype="+letters)
	if s.config.FsyncOff {
		cmd.Args = append(cmd.Args, "--no-sync")
	}
	name, err := s.enterDir(cmd, dir)
	if err != nil {
		return err
	}
	defer closeAll(cmd.ExtraFiles)
	cmd.Args = append(cmd.Args, "--pgdata="+name)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb as %s: %w\n%s", s.account, err, lastLines(string(output)))
	}
	return nil
}

// dataMajor returns the major version that wrote the data directory, 0 when there is none yet.
func (s *Server) dataMajor() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.dataDir(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("read PG_VERSION of %s: %w", s.dataDir(), err)
	}
	return major, nil
}
