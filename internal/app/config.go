package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"github.com/rialto-commerce/rialto/internal/payments/paymentsmod"
	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/migrations"
)

// Modules are the names of all modules that own a schema.
func Modules() []string {
	return each(migrations.Modules(), func(m schema.Module) string { return m.Name })
}

// Config is everything that can be set, by flag or by environment variable.
type Config struct {
	Addr           string `env:"RIALTO_ADDR" validate:"address" default:"127.0.0.1:8080" help:"Where the API listens. The container image sets ':8080'."`
	MetricsAddr    string `env:"RIALTO_METRICS_ADDR" validate:"address" default:"127.0.0.1:9464" help:"Where Prometheus metrics are served, without asking who reads them: keep it private."`
	BaseURL        string `env:"RIALTO_BASE_URL" validate:"omitempty,http_url" help:"Public address of the shop, in links such as 'checkout_url'. Without it: 'http://' and RIALTO_ADDR."`
	DataDir        string `env:"RIALTO_DATA_DIR" default:".rialto" help:"The private database, generated keys and the files of a shop that runs with nothing configured."`
	Demo           bool   `env:"RIALTO_DEMO" default:"true" negatable:"" help:"Load the demo shop into a private database that has no products."`
	DatabaseURL    string `env:"DATABASE_URL" help:"The PostgreSQL to use, of version 14 or newer. Without it a private one is run in the data directory."`
	SecretKey      string `env:"RIALTO_SECRET_KEY" help:"What tokens of carts, checkouts and orders and list cursors are derived from: 32 characters or more. Several, separated by commas, rotate: the first derives, all are accepted. A private shop generates its own; with DATABASE_URL it is required."`
	FakePayments   bool   `env:"RIALTO_FAKE_PAYMENTS" default:"false" help:"Offer the payment method 'fake', which takes no money: anybody can order. A private database always offers it."`
	CheckResponses bool   `env:"RIALTO_CHECK_RESPONSES" default:"false" help:"Check every answer against the API document and answer 500 where it differs. For development and tests."`
	// The provider of the method "fake": one over HTTP, or the built-in one without a URL.
	ProviderURL          string        `env:"RIALTO_PROVIDER_URL" validate:"omitempty,http_url" help:"API of the payment provider that carries out the method 'fake', such as 'server fake-provider'. It must be 'https' when RIALTO_PROVIDER_MODE is 'live'. Without it the token alone decides, and no money moves."`
	ProviderKey          string        `env:"RIALTO_PROVIDER_KEY" validate:"required_with=ProviderURL" help:"The secret that the provider knows this shop by. Required with RIALTO_PROVIDER_URL."`
	ProviderEventsSecret string        `env:"RIALTO_PROVIDER_EVENTS_SECRET" help:"What the provider signs its events to '/hooks/v1/payments/fake' with, as Standard Webhooks spells it ('whsec_' and base64). Several, separated by commas, rotate: each is accepted. Without it no events are taken, and the provider is asked instead."`
	ProviderAccount      string        `env:"RIALTO_PROVIDER_ACCOUNT" validate:"required_with=ProviderURL" default:"acct_test" help:"The shop's account at the provider. What the provider says of another one is not believed."`
	ProviderMode         string        `env:"RIALTO_PROVIDER_MODE" validate:"required_with=ProviderURL,omitempty,oneof=test live" default:"test" help:"'test' or 'live'. What the provider says in the other mode is not believed."`
	ProviderTimeout      time.Duration `env:"RIALTO_PROVIDER_TIMEOUT" validate:"required_with=ProviderURL,omitempty,min=100ms,max=7s" default:"5s" help:"How long the provider may take to answer, with all tries; from 100ms to 7s. A shopper waits no longer: after it the payment is unknown, and the provider is asked in the background."`

	StatementCache bool `env:"RIALTO_STATEMENT_CACHE" default:"true" negatable:"" help:"Keep prepared statements. Turn it off behind a pooler that pools by transaction and knows no prepared statements."`
	PoolRequests   int  `env:"RIALTO_POOL_REQUESTS" validate:"min=1,max=1000" default:"6" help:"Database connections for requests. More than three per core of the database only make everybody wait for everybody."`
	PoolReads      int  `env:"RIALTO_POOL_READS" validate:"min=1,max=1000" default:"8" help:"Database connections for what shoppers browse."`
	PoolBackground int  `env:"RIALTO_POOL_BACKGROUND" validate:"min=1,max=1000" default:"4" help:"Database connections for events and other background work."`
	// DrainDelay is not used for a private shop, which has no load balancer before it.
	DrainDelay     time.Duration `env:"RIALTO_DRAIN_DELAY" validate:"min=0s,max=5m" default:"2s" help:"How long a server that was told to end goes on answering, with '/readyz' failing and every answer ending its connection, for load balancers to notice; up to 5m. Set it above the time they take. A private shop does not wait."`
	EventRetention time.Duration `env:"RIALTO_EVENT_RETENTION" validate:"omitempty,min=24h" default:"720h" help:"How long events are kept that everybody has handled, at least '24h'; '0' for ever. The last event of a thing, such as an order, is kept longer."`
	PgBin          string        `env:"PG_BIN" help:"Directory of 'initdb' and 'postgres' for the private database, when the usual places are not right."`

	Modules       []string `env:"RIALTO_MODULES" help:"Run only these modules, such as 'inventory,payments', for the other processes of the shop, and not its API. Without it: the API, and every module that has no <MODULE>_URL."`
	AppURL        string   `env:"RIALTO_APP_URL" validate:"omitempty,http_url" help:"Internal address (RIALTO_INTERNAL_ADDR) of the process with the API. Required with RIALTO_MODULES: modules that have no <MODULE>_URL are called there."`
	InternalAddr  string   `env:"RIALTO_INTERNAL_ADDR" validate:"omitempty,address" help:"Where other processes of the shop call this one. Required with RIALTO_MODULES; keep it private."`
	InternalToken string   `env:"RIALTO_INTERNAL_TOKEN" help:"The secret that the processes of the shop know each other by, the same in all: 32 printable characters or more. Several, separated by commas, rotate: the first is shown, all are accepted. Required as soon as there is more than one process with its own modules."`
	NatsURL       string   `env:"NATS_URL" help:"NATS server with JetStream that carries events between processes; several addresses, separated by commas, of one cluster. Set it in all processes of the shop, or in none."`
	NatsPublish   bool     `env:"RIALTO_NATS_PUBLISH" default:"true" negatable:"" help:"Put events on the broker of NATS_URL. Without it, they travel by calls while those on the broker are still handled: to empty it, before NATS_URL is removed."`

	// ModuleDatabaseURLs gives a module its own database, and ModuleURLs a process of its own, by module name.
	ModuleDatabaseURLs map[string]string `kong:"-"`
	ModuleURLs         map[string]string `kong:"-"`
	Log                *slog.Logger      `kong:"-"`
}

const minSecretLength = 32

// secrets are the keys that tokens are derived from; the first derives, the others are still accepted.
func (c Config) secrets() ([][]byte, error) {
	if c.SecretKey == "" {
		return nil, fmt.Errorf("RIALTO_SECRET_KEY is needed with DATABASE_URL: set it to %d random characters or more, such as those of: openssl rand -hex 32", minSecretLength)
	}
	var keys [][]byte
	for key := range strings.SplitSeq(c.SecretKey, ",") {
		if len(key) < minSecretLength {
			return nil, fmt.Errorf("RIALTO_SECRET_KEY: each key needs at least %d characters", minSecretLength)
		}
		keys = append(keys, []byte(key))
	}
	return keys, nil
}

// publicURL is the address that links begin with, without a slash at its end.
func (c Config) publicURL() string {
	if c.BaseURL == "" {
		return LocalURL(c.Addr)
	}
	return strings.TrimRight(c.BaseURL, "/")
}

// check refuses settings that cannot work, naming the first by its environment variable.
func (c Config) check() error {
	rules := validator.New()
	rules.RegisterTagNameFunc(func(field reflect.StructField) string { return field.Tag.Get("env") })
	if err := rules.RegisterValidation("address", isAddress); err != nil {
		return err
	}
	var broken validator.ValidationErrors
	err := rules.Struct(c)
	if errors.As(err, &broken) {
		return fmt.Errorf("%s: %q is not %s", broken[0].Field(), fmt.Sprint(broken[0].Value()), wanted(broken[0]))
	}
	if err != nil {
		return err
	}
	if _, err = c.secrets(); err != nil {
		return err
	}
	if _, err = c.provider(); err != nil {
		return err
	}
	if c.NatsURL != "" {
		if err := broker.CheckURL(c.NatsURL); err != nil {
			return fmt.Errorf("NATS_URL: %w", err)
		}
	}
	return c.checkTopology()
}

// provider is the payment provider over HTTP, if there is one.
func (c Config) provider() (paymentsmod.Provider, error) {
	p := paymentsmod.Provider{URL: c.ProviderURL, Key: c.ProviderKey, Account: c.ProviderAccount, Mode: c.ProviderMode, Timeout: c.ProviderTimeout}
	if c.ProviderMode == "live" && strings.HasPrefix(strings.ToLower(c.ProviderURL), "http:") {
		return p, errors.New("RIALTO_PROVIDER_URL: real money is moved over https only")
	}
	if c.ProviderEventsSecret == "" {
		return p, nil
	}
	var err error
	if p.EventSecrets, err = paymentsmod.ParseEventSecrets(c.ProviderEventsSecret); err != nil {
		return p, fmt.Errorf("RIALTO_PROVIDER_EVENTS_SECRET: %w", err)
	}
	return p, nil
}

// wanted says in words what a setting must be.
func wanted(broken validator.FieldError) string {
	switch broken.Tag() {
	case "address":
		return "host:port, such as 127.0.0.1:8080"
	case "http_url":
		return "an http or https address, such as https://shop.example"
	case "required", "required_with":
		return "set"
	case "oneof":
		return "one of " + broken.Param()
	default:
		if broken.Kind() == reflect.Int64 {
			return "a time of at " + map[string]string{"min": "least ", "max": "most "}[broken.Tag()] + broken.Param()
		}
		return "a number from 1 to 1000"
	}
}

// isAddress accepts host:port, where the host may be missing and port 0 stands for any free one.
func isAddress(field validator.FieldLevel) bool {
	_, port, err := net.SplitHostPort(field.Field().String())
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// databaseURL is where a module's tables are.
func (c Config) databaseURL(module string) string {
	if own := c.ModuleDatabaseURLs[module]; own != "" {
		return own
	}
	return c.DatabaseURL
}
