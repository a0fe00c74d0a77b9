package httpserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	listenerMaxHeader = 64 << 10

	// DefaultDrainTimeout is how long requests in progress may take once the server shuts down.
	DefaultDrainTimeout = 20 * time.Second
)

// Listener is an address and what is served on it.
type Listener struct {
	Name    string // for Addr and the log
	Addr    string // host:port; port 0 takes a free one
	Handler http.Handler
}

// Limits are how long a client may hold a connection up. What is zero is its default.
type Limits struct {
	Header  time.Duration // to send the header of a request; 5 s
	Request time.Duration // to send all of a request that nothing else bounds; 30 s
	Answer  time.Duration // from the header to the last byte it takes of the answer, over any deadline; 30 s
	Idle    time.Duration // until the next request; 2 min
}

func (l Limits) orDefault() Limits {
	return Limits{
		Header:  cmp.Or(l.Header, 5*time.Second),
		Request: cmp.Or(l.Request, 30*time.Second),
		Answer:  cmp.Or(l.Answer, 30*time.Second),
		Idle:    cmp.Or(l.Idle, 2*time.Minute),
	}
}

// Config of a Server. Listeners and Logger are required.
type Config struct {
	// Listeners are closed in this order, so the one that tells how the others fare comes last.
	Listeners []Listener
	Logger    *slog.Logger
	Limits    Limits
	// OnDrain is called when the shutdown begins, before anything is closed. Readiness.Drain fits.
	OnDrain func()
	// DrainDelay is how long the server goes on after OnDrain, for load balancers to notice. Each answer then ends
	// its connection, so that no client is in the middle of sending a request when the server closes it.
	DrainDelay time.Duration
	// DrainTimeout is how long requests in progress may take then; DefaultDrainTimeout when zero.
	DrainTimeout time.Duration
}

// Server serves on several addresses until it is told to end.
type Server struct {
	config  Config
	servers []*http.Server
	sockets []net.Listener
	// draining is set once no connection is to outlive its next answer.
	draining atomic.Bool
}

// Open takes all addresses of config, or none of them when one cannot be had. Until Run, clients wait.
func Open(ctx context.Context, config Config) (*Server, error) {
	if config.DrainTimeout == 0 {
		config.DrainTimeout = DefaultDrainTimeout
	}
	s := &Server{config: config}
	for _, l := range config.Listeners {
		socket, err := new(net.ListenConfig).Listen(ctx, "tcp", l.Addr)
		if err != nil {
			s.closeSockets()
			return nil, fmt.Errorf("listen for %s: %w", l.Name, err)
		}
		s.sockets = append(s.sockets, socket)
		s.servers = append(s.servers, s.newServer(l.Handler))
	}
	return s, nil
}

func (s *Server) newServer(h http.Handler) *http.Server {
	limits := s.config.Limits.orDefault()
	return &http.Server{
		Handler:           s.closeConnections(h),
		ReadHeaderTimeout: limits.Header,
		ReadTimeout:       limits.Request,
		WriteTimeout:      limits.Answer,
		IdleTimeout:       limits.Idle,
		MaxHeaderBytes:    listenerMaxHeader,
		ErrorLog:          slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelWarn),
	}
}

// closeConnections ends the connection with the answer while the server drains, and always with the answer to a
// chunked request. RFC 9112 section 6.1 demands the latter where a length was sent beside the chunks, which hides
// one request in another; net/http drops that length before anybody can see it.
func (s *Server) closeConnections(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 || s.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) closeSockets() {
	for _, socket := range s.sockets {
		_ = socket.Close()
	}
}

// Addr returns the address that the named listener has, with its real port, or "".
func (s *Server) Addr(name string) string {
	for i, l := range s.config.Listeners {
		if l.Name == name {
			return s.sockets[i].Addr().String()
		}
	}
	return ""
}

// Run serves until ctx ends or a listener fails, then lets the requests in progress come to their end
// and returns when all is closed. It returns nil after an orderly end.
func (s *Server) Run(ctx context.Context) error {
	ended := make(chan error, len(s.servers))
	for i, server := range s.servers {
		go func() { ended <- server.Serve(s.sockets[i]) }()
	}
	var failure error
	running := len(s.servers)
	select {
	case <-ctx.Done():
	case failure = <-ended:
		running--
	}
	failure = errors.Join(failure, s.drain(context.WithoutCancel(ctx)))
	for range running {
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			failure = errors.Join(failure, err)
		}
	}
	return failure
}

// drain outlives the context that ended the server: what shoppers have begun must come to its end.
func (s *Server) drain(ctx context.Context) error {
	if s.config.OnDrain != nil {
		s.config.OnDrain()
	}
	s.draining.Store(true)
	<-time.After(s.config.DrainDelay)
	ctx, cancel := context.WithTimeout(ctx, s.config.DrainTimeout)
	defer cancel()
	var failure error
	for i, server := range s.servers {
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close()
			failure = errors.Join(failure, fmt.Errorf("shut down %s: requests cut off: %w", s.config.Listeners[i].Name, err))
		}
	}
	return failure
}
