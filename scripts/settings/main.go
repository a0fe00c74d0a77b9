// Command settings writes the table of docs/configuration.md from the flags of the server, whose names, defaults and texts are the
// tags of app.Config. Run it by "make generate", from the root of the repository.
package main

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"

	"github.com/rialto-commerce/rialto/internal/app"
)

const document = "docs/configuration.md"

// table is the one of the settings, with its head.
var table = regexp.MustCompile(`(?m)^\| setting \|.*\n(\|.*\n)+`)

// code is what a text for the terminal has between single quotes, and names of settings.
var code = regexp.MustCompile(`(^|[ (])(?:'([^']+)'|(<MODULE>_URL|DATABASE_URL|NATS_URL|RIALTO_[A-Z_]+))`)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run() error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	if len(table.FindAll(text, -1)) != 1 {
		return fmt.Errorf("%s has not one table of settings", document)
	}
	return os.WriteFile(document, table.ReplaceAllLiteral(text, []byte(settings())), 0o600)
}

func settings() string {
	var rows strings.Builder
	rows.WriteString("| setting | default | what it does |\n| --- | --- | --- |\n")
	config := reflect.TypeFor[app.Config]()
	for i := range config.NumField() {
		tag := config.Field(i).Tag
		if tag.Get("env") == "" {
			continue
		}
		preset := "-"
		if value := tag.Get("default"); value != "" {
			preset = "`" + value + "`"
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", tag.Get("env"), preset, code.ReplaceAllString(tag.Get("help"), "$1`$2$3`"))
	}
	return rows.String()
}
