package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

// Repeat says whether a verb may be carried out twice.
type Repeat bool

// Verbs are Repeatable when doing them again with the same request changes nothing more.
const (
	Repeatable Repeat = true
	Once       Repeat = false
)

const (
	tries = 3
	// firstPause is the longest pause before the second try; it doubles. Each is random.
	firstPause = 50 * time.Millisecond
	dialLimit  = time.Second
	// sendLimit is how long an answer may take to be sent after the last moment at which it can be ready.
	sendLimit   = 5 * time.Second
	idleLimit   = time.Minute
	connections = 64
	tripAfter   = 5
	openFor     = time.Second
)

// Config says where a module is.
type Config struct {
	Module string
	// URL is the internal address of the process, without a slash at its end.
	URL    string
	Tokens Tokens
	// Metrics and Tracer may be nil.
	Metrics *Metrics
	Tracer  *tracing.Tracer
}

// Caller calls the module of another process. It is safe for use by many goroutines.
type Caller struct {
	cfg     Config
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[reception]
}

// reception is an answer that the other process gave.
type reception struct {
	status int
	body   []byte
}

// NewTransport makes connections to other processes of the shop, which notices within seconds when a machine is gone.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialLimit, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: time.Second, Count: 5}}
	return &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: connections, IdleConnTimeout: idleLimit,
		TLSHandshakeTimeout: dialLimit, DisableCompression: true}
}

// NewCaller makes a caller, which connects when it is first asked.
func NewCaller(cfg Config) *Caller {
	return &Caller{cfg: cfg,
		http: &http.Client{Transport: NewTransport(),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		breaker: gobreaker.NewCircuitBreaker[reception](gobreaker.Settings{
			Name: cfg.Module, Timeout: openFor,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
			IsExcluded:  func(err error) bool { return errors.Is(err, context.Canceled) },
			OnStateChange: func(module string, from, to gobreaker.State) {
				slog.Warn("process of module", "module", module, "was", from.String(), "is", to.String())
			},
		}),
	}
}

// Call asks for a verb. Errors: those of the verb, with their codes; ErrUnavailable; the context's error.
func Call[Answer any](ctx context.Context, c *Caller, verb string, repeat Repeat, request any) (Answer, error) {
	var answer Answer
	body, err := c.call(ctx, verb, repeat, request)
	if err != nil {
		return answer, fmt.Errorf("%s.%s: %w", c.cfg.Module, verb, err)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer, fmt.Errorf("%s.%s: read answer: %w", c.cfg.Module, verb, err)
	}
	return answer, nil
}

// Here returns nil when the process has the module. Errors: ErrNotHere, ErrUnavailable, ErrRefused, the context's error.
func (c *Caller) Here(ctx context.Context) error {
	_, err := c.call(ctx, verbHere, Repeatable, struct{}{})
	return err
}

func (c *Caller) call(ctx context.Context, verb string, repeat Repeat, request any) (body []byte, err error) {
	defer c.cfg.Metrics.observe(c.cfg.Module, verb, time.Now(), &err)
	ctx, done := c.cfg.Tracer.Call(ctx, c.cfg.Module+"."+verb)
	defer func() { done(err) }()
	text, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBody {
		return nil, errTooLarge
	}
	ctx, cancel := context.WithTimeout(ctx, MaxTime)
	defer cancel()
	got, err := c.ask(ctx, verb, repeat, text)
	if err != nil {
		return nil, err
	}
	return got.read()
}

// ask sends the call until it is answered, may not be sent again, or was sent often enough.
func (c *Caller) ask(ctx context.Context, verb string, repeat Repeat, text []byte) (reception, error) {
	asked := false
	for try := 1; ; try++ {
		got, err := c.breaker.Execute(func() (reception, error) { return c.send(ctx, verb, text) })
		if err == nil {
			return got, nil
		}
		resting := leftAlone(err)
		asked = asked || !resting && !errors.Is(err, errUnsent)
		if try == tries || repeat == Once || resting || !periodic.Pause(ctx, rand.N(firstPause<<(try-1))) {
			if !asked {
				err = fmt.Errorf("%w: %w", ErrNotAsked, err)
			}
			return got, Broken(ctx, err)
		}
	}
}

// Broken is what it means for a request under ctx that a connection broke: the context's error, or ErrUnavailable.
func Broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrUnavailable.Wrap(err)
}

// leftAlone says whether the breaker kept the call back.
func leftAlone(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
}

func (c *Caller) send(ctx context.Context, verb string, text []byte) (reception, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL+Prefix+c.cfg.Module+"/"+verb, bytes.NewReader(text))
	if err != nil {
		return reception{}, err
	}
	deadline, _ := ctx.Deadline()
	c.cfg.Tokens.Show(req)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set(timeoutHeader, strconv.FormatInt(time.Until(deadline).Milliseconds(), 10))
	tracing.Show(ctx, req.Header)
	if id := inbound.RequestID(ctx); id != "" {
		req.Header.Set(inbound.Header, id)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return reception{}, unsent(err)
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusServiceUnavailable:
		return reception{}, fmt.Errorf("%w: whoever stands before the process answered %s", errUnsent, res.Status)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return reception{}, fmt.Errorf("whoever stands before the process answered %s", res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	return reception{status: res.StatusCode, body: body}, err
}

// unsent marks the error of a call for which there was no connection.
func unsent(err error) error {
	var broken *net.OpError
	if errors.As(err, &broken) && broken.Op == "dial" {
		return fmt.Errorf("%w: %w", errUnsent, err)
	}
	return err
}

// read tells what was answered from what was refused.
func (r reception) read() ([]byte, error) {
	switch r.status {
	case http.StatusOK:
		return r.body, nil
	case http.StatusUnprocessableEntity:
		coded := new(fault.Error)
		if err := json.Unmarshal(r.body, coded); err != nil {
			return nil, fmt.Errorf("read refusal: %w", err)
		}
		return nil, coded
	case http.StatusUnauthorized:
		return nil, ErrRefused
	case http.StatusNotFound:
		return nil, ErrUnavailable.Wrap(ErrNotHere)
	default:
		return nil, fmt.Errorf("the process with the module answered %d %.200q", r.status, r.body)
	}
}
