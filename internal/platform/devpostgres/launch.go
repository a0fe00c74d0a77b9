//go:build unix

package devpostgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	readyPoll   = 10 * time.Millisecond
	maxLogBytes = 16 << 20
	shownLines  = 12
)

// launch starts the server process.
func (s *Server) launch() error {
	cmd := s.command(context.Background(), "postgres")
	name, err := s.enterDir(cmd, s.dataDir())
	if err != nil {
		return err
	}
	defer closeAll(cmd.ExtraFiles)
	cmd.Args = append(cmd.Args, append([]string{"-D", name}, s.settings()...)...)
	log, err := openLog(s.logPath())
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if !s.config.KeepRunning {
		cmd.SysProcAttr = s.processAttr(diesWithThread)
	}
	return s.supervise(cmd)
}

// supervise starts cmd and waits for its end on one locked thread: the death signal that Linux sends is
// tied to the thread that forked, not to the process.
func (s *Server) supervise(cmd *exec.Cmd) error {
	started, exited := make(chan error, 1), s.exited
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			s.awaitExit(cmd, exited)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	s.pid = cmd.Process.Pid
	return nil
}

func (s *Server) awaitExit(cmd *exec.Cmd, exited chan<- struct{}) {
	err := cmd.Wait()
	if !s.stopping.Load() {
		s.config.Log("private PostgreSQL ended by itself", "error", err, "log", s.logPath())
	}
	close(exited)
}

func (s *Server) settings() []string {
	values := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": s.runDir,
		"port":                    fmt.Sprint(port),
		"max_connections":         "100",
		"shared_buffers":          "128MB",
		"logging_collector":       "off",
	}
	if s.config.FsyncOff {
		values["fsync"], values["synchronous_commit"], values["full_page_writes"] = "off", "off", "off"
	}
	maps.Copy(values, s.config.Settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		args = append(args, "-c", name+"="+values[name])
	}
	return args
}

// command prepares a PostgreSQL program to run as the server's user, without our PG... and locale
// variables, which would change what it does.
func (s *Server) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.binary.dir, program), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = s.processAttr(outlivesThread)
	cmd.Env = []string{"LC_ALL=C"}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") && !strings.HasPrefix(variable, "LC_") && !strings.HasPrefix(variable, "LANG") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	return cmd
}

func (s *Server) awaitReady(ctx context.Context) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		if err := ping(ctx, s.maintenanceDSN()); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("PostgreSQL ended at once; the end of %s:\n%s", s.logPath(), s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL: %w; the end of %s:\n%s", ctx.Err(), s.logPath(), s.logTail())
		}
	}
}

func (s *Server) ensureDatabase(ctx context.Context) (err error) {
	db, err := sqldb.OpenAdmin(s.maintenanceDSN())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	var exists bool
	const query = `SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)`
	if err := db.QueryRowContext(ctx, query, database).Scan(&exists); err != nil || exists {
		return err
	}
	return createDatabase(ctx, db)
}

func createDatabase(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, `CREATE DATABASE `+database); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// maintenanceDSN is of the database that initdb makes.
func (s *Server) maintenanceDSN() string {
	return strings.Replace(s.DSN(), "@/"+database+"?", "@/postgres?", 1)
}

func (s *Server) logPath() string { return filepath.Join(s.config.Dir, "postgres.log") }

func (s *Server) logTail() string {
	text, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	return lastLines(string(text))
}

// openLog appends, so that the reason of a crash is still there after the restart.
func openLog(path string) (*os.File, error) {
	mode := os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogBytes {
		mode = os.O_TRUNC
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|mode, 0o600)
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-shownLines):], "\n")
}

func closeAll(files []*os.File) {
	for _, file := range files {
		_ = file.Close()
	}
}
