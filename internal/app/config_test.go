package app_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
)

func TestSettingsThatCannotWorkAreRefusedByName(t *testing.T) {
	working := app.Config{Addr: "127.0.0.1:8080", MetricsAddr: ":9464", PoolRequests: 1, PoolReads: 1, PoolBackground: 1, Log: slog.Default()}
	cases := map[string]func(*app.Config){
		"RIALTO_ADDR":          func(c *app.Config) { c.Addr = "8080" },
		"RIALTO_METRICS_ADDR":  func(c *app.Config) { c.MetricsAddr = "" },
		"RIALTO_BASE_URL":      func(c *app.Config) { c.BaseURL = "shop.example" },
		"RIALTO_POOL_REQUESTS": func(c *app.Config) { c.PoolRequests = 0 },
		"RIALTO_PROVIDER_URL":  func(c *app.Config) { c.ProviderURL = "provider.example" },
		"RIALTO_PROVIDER_KEY":  func(c *app.Config) { c.ProviderURL, c.ProviderAccount = "http://provider.example", "acct" },
		"RIALTO_PROVIDER_MODE": func(c *app.Config) { c.ProviderMode = "real" },
		"RIALTO_PROVIDER_URL: real money": func(c *app.Config) {
			c.ProviderURL, c.ProviderKey, c.ProviderAccount, c.ProviderMode = "HTTP://provider.example", "key", "acct", "live"
			c.ProviderTimeout, c.SecretKey = time.Second, strings.Repeat("k", 32)
		},
		"RIALTO_PROVIDER_TIMEOUT: \"1m0s\" is not a time": func(c *app.Config) { c.ProviderTimeout = time.Minute },
		"RIALTO_PROVIDER_EVENTS_SECRET":                   func(c *app.Config) { c.ProviderEventsSecret, c.SecretKey = "whsec_short", strings.Repeat("k", 32) },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := working
			spoil(&cfg)

			_, err := app.New(t.Context(), cfg)

			require.ErrorContains(t, err, name)
		})
	}
}

func TestProcessesThatCannotFindEachOtherAreRefused(t *testing.T) {
	working := app.Config{Addr: ":8080", MetricsAddr: ":9464", PoolRequests: 1, PoolReads: 1, PoolBackground: 1, Log: slog.Default(), SecretKey: strings.Repeat("k", 32),
		Modules: []string{"inventory"}, InternalAddr: ":9090", InternalToken: strings.Repeat("t", 32), AppURL: "http://app:9090"}
	for name, spoil := range map[string]func(*app.Config){
		`RIALTO_MODULES: "stock" is no module`: func(c *app.Config) { c.Modules = []string{"stock"} },
		"RIALTO_MODULES: inventory is to be in this process": func(c *app.Config) {
			c.ModuleURLs = map[string]string{"inventory": "http://inventory:9090"}
		},
		"INVENTORY_URL": func(c *app.Config) {
			c.Modules, c.AppURL, c.ModuleURLs = nil, "", map[string]string{"inventory": "inventory:9090"}
		},
		"RIALTO_APP_URL: this process has the API": func(c *app.Config) { c.Modules = nil },
		"RIALTO_APP_URL is needed":                 func(c *app.Config) { c.AppURL = "" },
		"RIALTO_APP_URL: \"app\" is not":           func(c *app.Config) { c.AppURL = "app" },
		"RIALTO_INTERNAL_ADDR is needed":           func(c *app.Config) { c.InternalAddr = "" },
		"RIALTO_INTERNAL_ADDR: \"9090\" is not":    func(c *app.Config) { c.InternalAddr = "9090" },
		"RIALTO_INTERNAL_TOKEN":                    func(c *app.Config) { c.InternalToken = "short" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := working
			spoil(&cfg)

			_, err := app.New(t.Context(), cfg)

			require.ErrorContains(t, err, name)
		})
	}
}

func TestLocalURLReachesAListenerThatNamesNoHost(t *testing.T) {
	for addr, want := range map[string]string{":8080": "http://127.0.0.1:8080", "0.0.0.0:80": "http://127.0.0.1:80",
		"[::]:80": "http://127.0.0.1:80", "127.0.0.1:8080": "http://127.0.0.1:8080", "shop:1": "http://shop:1"} {
		require.Equal(t, want, app.LocalURL(addr))
	}
}

func TestAMissingSecretKeyIsNoticedBeforeTheDatabaseIsTouched(t *testing.T) {
	cfg := app.Config{Addr: "127.0.0.1:0", MetricsAddr: "127.0.0.1:0", PoolRequests: 1, PoolReads: 1, PoolBackground: 1, Log: slog.Default(),
		DatabaseURL: "postgres://nobody@127.0.0.1:1/nowhere?sslmode=disable"}

	err := app.Serve(t.Context(), cfg, io.Discard)
	require.ErrorContains(t, err, "RIALTO_SECRET_KEY is needed")

	err = app.With(t.Context(), cfg, func(*app.App) error { return nil })
	require.ErrorContains(t, err, "RIALTO_SECRET_KEY is needed")
}
