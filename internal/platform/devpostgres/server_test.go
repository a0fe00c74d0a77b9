//go:build unix

package devpostgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

func start(t *testing.T, c devpostgres.Config) *devpostgres.Server {
	t.Helper()
	s, err := devpostgres.Start(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { stop(t, s) })
	return s
}

// readyDir returns a directory whose data directory has already been made, which saves a second.
func readyDir(t *testing.T) string {
	t.Helper()
	base, err := initialized()
	must(t, err)
	dir := t.TempDir()
	must(t, osexec.Command("cp", "-a", filepath.Join(base, "postgres"), dir).Run())
	return dir
}

var initialized = sync.OnceValues(func() (dir string, err error) {
	dir, err = os.MkdirTemp("", "rialto-test-")
	if err != nil {
		return "", err
	}
	s, err := devpostgres.Start(context.Background(), devpostgres.Config{Dir: dir, FsyncOff: true})
	if err != nil {
		return "", err
	}
	return dir, s.Stop(context.Background())
})

func stop(t *testing.T, s *devpostgres.Server) {
	t.Helper()
	must(t, s.Stop(context.Background()))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, dsn, query string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.Exec(t.Context(), query)
	must(t, err)
}

func value(t *testing.T, dsn, query string) (v string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Get(t.Context(), &v, query))
	return v
}

type state struct {
	DSN       string `json:"dsn"`
	PID       int    `json:"pid"`
	Port      int    `json:"port"`
	Version   string `json:"version"`
	SocketDir string `json:"socket_dir"`
}

func stateOf(t *testing.T, dir string) (s state) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postgres.json"))
	must(t, err)
	must(t, json.Unmarshal(text, &s))
	return s
}

func TestRowsAreStillThereAfterARestart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, devpostgres.Config{Dir: dir, FsyncOff: true})
	exec(t, first.DSN(), `CREATE TABLE notes AS SELECT 'kept' AS note`)
	stop(t, first)

	second := start(t, devpostgres.Config{Dir: dir, FsyncOff: true})

	if got := value(t, second.DSN(), `SELECT note FROM notes`); got != "kept" {
		t.Errorf("note %q", got)
	}
}

func TestTheRemainsOfAnInterruptedFirstStartAreReplaced(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "postgres.init", "base"), 0o755))

	exec(t, start(t, devpostgres.Config{Dir: dir, FsyncOff: true}).DSN(), `SELECT 1`)
}

func TestACommandBesideTheServerCanAttach(t *testing.T) {
	dir := readyDir(t)
	attached := func() (string, bool) {
		dsn, ok, err := devpostgres.Attach(dir)
		must(t, err)
		return dsn, ok
	}
	if _, ok := attached(); ok {
		t.Error("attached before the start")
	}

	s := start(t, devpostgres.Config{Dir: dir, FsyncOff: true})

	dsn, ok := attached()
	if !ok || dsn != s.DSN() || value(t, dsn, `SELECT current_database()`) != "rialto" {
		t.Errorf("attached: %v, to %s", ok, dsn)
	}
	is := stateOf(t, dir)
	if is.DSN != dsn || is.Port != 5432 || is.PID == 0 || !strings.HasPrefix(value(t, dsn, `SHOW server_version`), is.Version) {
		t.Errorf("state %+v", is)
	}
	stop(t, s)
	if _, ok := attached(); ok {
		t.Error("attached after the end")
	}
}

func TestAServerThatDoesNotAnswerIsNotAttachedTo(t *testing.T) {
	dir := t.TempDir()
	text, err := json.Marshal(state{DSN: "postgres://rialto@/rialto?host=" + url.QueryEscape(dir), PID: 1})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "postgres.json"), text, 0o600))

	if dsn, ok, err := devpostgres.Attach(dir); ok || err != nil {
		t.Errorf("attached to %s, %v", dsn, err)
	}
}

func TestADirectoryBelongsToOneProcess(t *testing.T) {
	dir := readyDir(t)
	s := start(t, devpostgres.Config{Dir: dir, FsyncOff: true})

	_, err := devpostgres.Start(t.Context(), devpostgres.Config{Dir: dir, FsyncOff: true})

	if !errors.Is(err, devpostgres.ErrInUse) ||
		!strings.Contains(err.Error(), fmt.Sprintf("in use by another server process (pid %d)", os.Getpid())) {
		t.Errorf("got %v", err)
	}
	exec(t, s.DSN(), `SELECT 1`)
}

func TestTheServerIsReachableThroughAGuardedSocketOnly(t *testing.T) {
	dir := readyDir(t)
	s := start(t, devpostgres.Config{Dir: dir, FsyncOff: true})

	if got := value(t, s.DSN(), `SHOW listen_addresses`); got != "" {
		t.Errorf("listens on %q", got)
	}
	for path, want := range map[string]os.FileMode{
		stateOf(t, dir).SocketDir: 0o700, filepath.Join(dir, "postgres.json"): 0o600, filepath.Join(dir, "postgres"): 0o700,
	} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
	}
}

func TestCtrlCInTheTerminalDoesNotReachTheServer(t *testing.T) {
	dir := readyDir(t)
	start(t, devpostgres.Config{Dir: dir, FsyncOff: true})

	group, err := syscall.Getpgid(stateOf(t, dir).PID)

	if err != nil || group == syscall.Getpgrp() {
		t.Errorf("the server is in our process group %d, %v", group, err)
	}
}

func TestNothingIsLeftAfterStop(t *testing.T) {
	dir := readyDir(t)
	s := start(t, devpostgres.Config{Dir: dir, FsyncOff: true})
	was := stateOf(t, dir)

	stop(t, s)

	for _, path := range []string{was.SocketDir, filepath.Join(dir, "postgres.json")} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := syscall.Kill(was.PID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v", was.PID, err)
	}
}

func TestStopDoesNotWaitForStatementsInProgress(t *testing.T) {
	s := start(t, devpostgres.Config{Dir: readyDir(t), FsyncOff: true})
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: s.DSN()})
	must(t, err)
	defer func() { _ = db.Close() }()

	err = db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `CREATE TABLE unfinished (id integer)`)
		must(t, err)
		stop(t, s)
		return nil
	})

	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("the transaction ended with %v", err)
	}
}

func TestSettingsReachTheServer(t *testing.T) {
	s := start(t, devpostgres.Config{Dir: t.TempDir(), FsyncOff: true, Settings: map[string]string{"max_connections": "7"}})
	want := map[string]string{
		"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "7", "shared_buffers": "128MB",
		"server_encoding": "UTF8", "lc_collate": "C",
	}
	for setting, expected := range want {
		if got := value(t, s.DSN(), `SELECT current_setting('`+setting+`')`); got != expected {
			t.Errorf("%s is %s, want %s", setting, got, expected)
		}
	}
	if got := value(t, s.DSN(), `SELECT lower('ÉCLAIR')`); got != "éclair" {
		t.Errorf("lower gives %q", got)
	}
}

func TestDataIsSafeByDefault(t *testing.T) {
	s := start(t, devpostgres.Config{Dir: readyDir(t)})
	if got := value(t, s.DSN(), `SHOW fsync`); got != "on" {
		t.Errorf("fsync is %s", got)
	}
}

func TestAnUnexpectedEndIsLogged(t *testing.T) {
	dir := readyDir(t)
	ended := make(chan string, 10)
	start(t, devpostgres.Config{Dir: dir, FsyncOff: true, Log: func(msg string, _ ...any) {
		if strings.Contains(msg, "ended by itself") {
			ended <- msg
		}
	}})

	must(t, syscall.Kill(stateOf(t, dir).PID, syscall.SIGINT))

	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("nothing was logged")
	}
}

func TestDataOfAnotherMajorVersionIsRefusedWithTheWayOut(t *testing.T) {
	dir := readyDir(t)
	stop(t, start(t, devpostgres.Config{Dir: dir, FsyncOff: true}))
	must(t, os.WriteFile(filepath.Join(dir, "postgres", "PG_VERSION"), []byte("13\n"), 0o600))

	_, err := devpostgres.Start(t.Context(), devpostgres.Config{Dir: dir, FsyncOff: true})

	for _, part := range []string{"written by PostgreSQL 13", "PG_BIN", "move " + filepath.Join(dir, "postgres") + " away", "dump"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing from: %v", part, err)
		}
	}
}

func TestDataThatCannotBeOpenedIsKeptUnlessDisposable(t *testing.T) {
	damages := map[string]func(dir string) error{
		"other version":   func(dir string) error { return os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("13\n"), 0o600) },
		"no control file": func(dir string) error { return os.Remove(filepath.Join(dir, "global", "pg_control")) },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := readyDir(t)
			stop(t, start(t, devpostgres.Config{Dir: dir, FsyncOff: true}))
			must(t, damage(filepath.Join(dir, "postgres")))

			_, err := devpostgres.Start(t.Context(), devpostgres.Config{Dir: dir, FsyncOff: true})
			if err == nil {
				t.Fatal("the damage went unnoticed")
			}
			if _, err := os.Stat(filepath.Join(dir, "postgres", "pg_wal")); err != nil {
				t.Errorf("the data is gone: %v", err)
			}

			s := start(t, devpostgres.Config{Dir: dir, FsyncOff: true, Disposable: true})
			exec(t, s.DSN(), `CREATE TABLE notes (note text)`)
		})
	}
}

func TestTheEndOfTheLogExplainsAFailedStart(t *testing.T) {
	_, err := devpostgres.Start(t.Context(), devpostgres.Config{
		Dir: t.TempDir(), FsyncOff: true, Settings: map[string]string{"no_such_setting": "1"},
	})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v", err)
	}
}
