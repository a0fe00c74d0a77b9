package migrations_test

import (
	"io/fs"
	"regexp"
	"testing"

	"github.com/rialto-commerce/rialto/migrations"
)

func TestEveryFolderHoldsNumberedForwardMigrations(t *testing.T) {
	modules := migrations.Modules()
	if len(modules) == 0 {
		t.Fatal("no folder")
	}
	named := regexp.MustCompile(`^\d{6}_[a-z0-9_]+\.up\.sql$`)
	for _, m := range modules {
		entries, err := fs.ReadDir(m.FS, ".")
		if err != nil || len(entries) == 0 {
			t.Fatalf("%s: %d files, %v", m.Name, len(entries), err)
		}
		for _, entry := range entries {
			if !named.MatchString(entry.Name()) {
				t.Errorf("%s/%s: want NNNNNN_title.up.sql", m.Name, entry.Name())
			}
		}
	}
}
