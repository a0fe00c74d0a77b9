package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	startLimit = time.Minute
	stopLimit  = 30 * time.Second
	pollEvery  = 100 * time.Millisecond
	// searchable lets another user reach the private database, which does not run as root.
	searchable = 0o755
)

// trial is a shop of its own in a directory of its own.
type trial struct {
	server string
	dir    string
}

func newTrial(server string) (*trial, error) {
	server, err := filepath.Abs(server)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "try-import-")
	if err != nil {
		return nil, err
	}
	return &trial{server: server, dir: dir}, os.Chmod(dir, searchable)
}

func (t *trial) cleanUp() error { return os.RemoveAll(t.dir) }

// environment is this process's without anything that leads to another shop.
func (t *trial) environment(extra ...string) []string {
	kept := []string{"RIALTO_DATA_DIR=" + filepath.Join(t.dir, "data"), "RIALTO_DEMO=false"}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "RIALTO_") && !strings.HasSuffix(name, "DATABASE_URL") {
			kept = append(kept, entry)
		}
	}
	return append(kept, extra...)
}

// command runs a command of the server and answers what it printed. What it reports about rows is passed on.
func (t *trial) command(ctx context.Context, args ...string) (string, error) {
	var out, reports bytes.Buffer
	command := exec.CommandContext(ctx, t.server, args...)
	command.Env, command.Stdout, command.Stderr = t.environment(), &out, &reports
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	err := command.Run()
	for line := range strings.Lines(reports.String()) {
		if err != nil || !strings.HasPrefix(line, "{") {
			fmt.Fprint(os.Stderr, "  ", line)
		}
	}
	if err != nil {
		return "", fmt.Errorf("server %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(out.String()), nil
}

// serve runs the server for as long as use does.
func (t *trial) serve(ctx context.Context, use func(url string) error) error {
	addresses, err := freeAddresses(2)
	if err != nil {
		return err
	}
	var log bytes.Buffer
	server := exec.Command(t.server, "serve")
	server.Env = t.environment("RIALTO_ADDR="+addresses[0], "RIALTO_METRICS_ADDR="+addresses[1])
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	url := "http://" + addresses[0]
	var used error
	if err = awaitReady(ctx, url, ended); err == nil {
		used = use(url)
	}
	if err = errors.Join(err, stop(server, ended)); err != nil {
		err = fmt.Errorf("%w; the server wrote:\n%s", err, log.String())
	}
	return errors.Join(used, err)
}

func freeAddresses(n int) ([]string, error) {
	var addresses []string
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = listener.Close() }()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses, nil
}

// awaitReady asks until the server answers that it is ready, or has ended.
func awaitReady(ctx context.Context, url string, ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w", ctx.Err())
		case err := <-ended:
			ended <- err
			return errors.New("the server ended before it was ready")
		case <-tick.C:
		}
		if isReady(ctx, url) {
			return nil
		}
	}
}

func isReady(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode == http.StatusOK
}

func stop(server *exec.Cmd, ended <-chan error) error {
	if err := server.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(stopLimit):
		return errors.Join(errors.New("the server does not stop"), server.Process.Kill())
	}
}
