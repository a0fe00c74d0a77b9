package main

import (
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/platform/config"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
)

const settingPrefix = "RIALTO_"

// readEnvironment refuses misspelled settings and puts secrets that come from files where the parser looks for them.
func readEnvironment(parser *kong.Kong, environ []string) error {
	known := append(settingNames(parser), failpoint.Settings()...)
	if err := config.RefuseUnknown(environ, settingPrefix, known); err != nil {
		return err
	}
	values, err := config.FileValues(environ, known)
	if err != nil {
		return err
	}
	for name, value := range values {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

func settingNames(parser *kong.Kong) []string {
	var names []string
	for _, flag := range parser.Model.Flags {
		names = append(names, flag.Envs...)
	}
	return names
}

// moduleSettings collects what is set for modules by name, such as INVENTORY_DATABASE_URL with the ending _DATABASE_URL.
func moduleSettings(environ []string, ending string) map[string]string {
	settings := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		for _, module := range app.Modules() {
			if name == strings.ToUpper(module)+ending && value != "" {
				settings[module] = value
			}
		}
	}
	return settings
}

// version is the module's version, which Go knows of an installed release, with the revision it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return info.Main.Version + " " + setting.Value
		}
	}
	return info.Main.Version
}
