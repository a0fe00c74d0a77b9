package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/app/verify"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
)

// WithDatabases is the configuration of a process that reads the databases of modules itself, also of those that others run,
// where it is told of them.
func (c Config) WithDatabases() Config {
	c.ModuleURLs = maps.Clone(c.ModuleURLs)
	maps.DeleteFunc(c.ModuleURLs, func(module, _ string) bool { return c.ModuleDatabaseURLs[module] != "" })
	return c
}

// Verify checks every invariant of the modules of this process, each one's own and those between them, and answers the names of
// those between them that need a database which it does not know.
func (a *App) Verify(ctx context.Context) (found []invariant.Violation, left []string, err error) {
	for name, module := range a.modules.here {
		promising, ok := module.(verified)
		if !ok {
			continue
		}
		broken, err := promising.Verify(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("verify %s: %w", name, err)
		}
		found = append(found, broken...)
	}
	databases := verify.Databases{}
	for _, module := range a.cfg.present() {
		databases[module] = a.databases.of(module).background
	}
	between, left, err := verify.Run(ctx, databases, verify.PageSize)
	if err != nil {
		return nil, nil, err
	}
	found = append(found, between...)
	slices.SortFunc(found, func(a, b invariant.Violation) int {
		return strings.Compare(a.Invariant+a.Detail, b.Invariant+b.Detail)
	})
	return found, left, nil
}
