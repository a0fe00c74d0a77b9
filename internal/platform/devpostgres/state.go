//go:build unix

package devpostgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	runDirPrefix = "rialto-pg-"
	attachLimit  = 3 * time.Second
)

// state is what postgres.json says of a running server.
type state struct {
	DSN       string `json:"dsn"`
	PID       int    `json:"pid"`
	Port      int    `json:"port"`
	Version   string `json:"version"`
	SocketDir string `json:"socket_dir"`
}

// Attach returns the DSN of the server that another process runs in dir. It reports false when there is
// none, or none that answers.
func Attach(dir string) (dsn string, ok bool, err error) {
	running, err := readState(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("attach to private PostgreSQL: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), attachLimit)
	defer cancel()
	if err := ping(ctx, running.DSN); err != nil {
		return "", false, nil
	}
	return running.DSN, true, nil
}

func ping(ctx context.Context, dsn string) (err error) {
	db, err := sqldb.OpenAdmin(dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.PingContext(ctx)
}

func statePath(dir string) string { return filepath.Join(dir, "postgres.json") }

func readState(dir string) (state, error) {
	var s state
	text, err := os.ReadFile(statePath(dir))
	if err != nil {
		return state{}, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, fmt.Errorf("read %s: %w", statePath(dir), err)
	}
	return s, nil
}

// writeState replaces the file in one step, so that a reader never meets half of it.
func writeState(dir string, s state) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // the DSN is there to be copied
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s); err != nil {
		return err
	}
	next := statePath(dir) + ".new"
	if err := os.WriteFile(next, text.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(next, statePath(dir))
}

func removeState(dir string) error {
	err := os.Remove(statePath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
