package main

import (
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
	secretKey  = "RIALTO_SECRET_KEY=a key that only the bench derives tokens from"
	startLimit = 60 * time.Second
	stopLimit  = 20 * time.Second
	probeEvery = 20 * time.Millisecond
)

// server is a running server with the settings that a fresh installation has.
type server struct {
	address string
	cmd     *exec.Cmd
	log     *os.File
}

// buildServer answers the path of the binary as it is shipped.
func buildServer(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "server")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cmd/server")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build server: %w\n%s", err, output)
	}
	return path, nil
}

// environment is this process's without settings of a shop, and the database's address.
func environment(dsn string) []string {
	var kept []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "RIALTO_") && !strings.HasSuffix(name, "_URL") {
			kept = append(kept, entry)
		}
	}
	return append(kept, "DATABASE_URL="+dsn, secretKey)
}

// startServer runs the binary on a database, with settings on top of the usual ones, and returns when it is ready. Its log is
// server.log in dir.
func startServer(ctx context.Context, binary, dsn, dir string, settings ...string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s := &server{address: address, cmd: exec.CommandContext(ctx, binary, "serve"), log: log}
	s.cmd.Env = append(environment(dsn), "RIALTO_ADDR="+address, "RIALTO_METRICS_ADDR=127.0.0.1:0")
	s.cmd.Env = append(s.cmd.Env, settings...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = stopLimit
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start server: %w", err), log.Close())
	}
	if err := s.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(probeEvery):
		}
	}
	return fmt.Errorf("the server is not ready; see %s: %w", s.log.Name(), ctx.Err())
}

// stop ends the server the way an operator does.
func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	err := s.cmd.Wait()
	if err != nil {
		err = fmt.Errorf("the server ended badly: %w", err)
	}
	return errors.Join(err, s.log.Close())
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// ownerKey makes an API key that may do everything.
func ownerKey(ctx context.Context, binary, dsn string, settings ...string) (string, error) {
	cmd := exec.CommandContext(ctx, binary, "keys", "create", "--name", "bench", "--role", "owner")
	cmd.Env = append(environment(dsn), settings...)
	output, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("create key: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}
