package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

// has says whether a module is in this process.
func (c Config) has(module string) bool {
	if !c.isApp() {
		return slices.Contains(c.Modules, module)
	}
	return c.ModuleURLs[module] == ""
}

// isApp says whether this process is the one with the shop's API, which is the way to every module.
func (c Config) isApp() bool { return len(c.Modules) == 0 }

// processName tells the processes of a shop apart.
func (c Config) processName() string {
	return strings.Join(append([]string{"rialto"}, c.Modules...), "-")
}

// present are the modules of this process.
func (c Config) present() []string {
	return slices.DeleteFunc(Modules(), func(module string) bool { return !c.has(module) })
}

// elsewhere is where another process has a module: its own, or the one that knows where all are.
func (c Config) elsewhere(module string) string {
	address := c.ModuleURLs[module]
	if address == "" {
		address = c.AppURL
	}
	return strings.TrimRight(address, "/")
}

// absentByURL are the modules that other processes have, by the address of the process.
func (c Config) absentByURL() map[string][]string {
	byURL := map[string][]string{}
	for _, module := range Modules() {
		if !c.has(module) {
			address := c.elsewhere(module)
			byURL[address] = append(byURL[address], module)
		}
	}
	return byURL
}

// split says whether the shop has more than this process.
func (c Config) split() bool {
	return c.InternalAddr != "" || len(c.ModuleURLs) > 0 || !c.isApp()
}

// checkTopology refuses settings by which the processes of a shop do not find each other.
func (c Config) checkTopology() error {
	known := Modules()
	for _, module := range c.Modules {
		switch {
		case !slices.Contains(known, module):
			return fmt.Errorf("RIALTO_MODULES: %q is no module; there are %s", module, strings.Join(known, ", "))
		case c.ModuleURLs[module] != "":
			return fmt.Errorf("RIALTO_MODULES: %s is to be in this process, and %s_URL says that it is in another", module, strings.ToUpper(module))
		}
	}
	rules := validator.New()
	for module, address := range c.ModuleURLs {
		if rules.Var(address, "http_url") != nil {
			return fmt.Errorf("%s_URL: %q is not an http or https address, such as http://10.0.0.7:9090", strings.ToUpper(module), address)
		}
	}
	if c.isApp() && c.AppURL != "" {
		return errors.New("RIALTO_APP_URL: this process has the API itself; RIALTO_MODULES says which modules one without it runs")
	}
	if !c.isApp() && c.InternalAddr == "" {
		return errors.New("RIALTO_INTERNAL_ADDR is needed with RIALTO_MODULES: where other processes call the modules, such as :9090")
	}
	for _, module := range known {
		if !c.has(module) && c.elsewhere(module) == "" {
			return fmt.Errorf("RIALTO_APP_URL is needed with RIALTO_MODULES: the internal address of the process with the API, by which %s is found", module)
		}
	}
	if _, err := c.tokens(); c.split() && err != nil {
		return fmt.Errorf("RIALTO_INTERNAL_TOKEN: %w; the same in all processes of the shop, such as that of: openssl rand -hex 32", err)
	}
	return nil
}

func (c Config) tokens() (remote.Tokens, error) { return remote.ParseTokens(c.InternalToken) }
