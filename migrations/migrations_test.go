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

// takesAway finds what the version before could not live with: it still reads and writes what it knows, and knows nothing else.
var takesAway = regexp.MustCompile(`(?i)\bDROP\s+(TABLE|COLUMN|SCHEMA|VIEW)\b|\bRENAME\b|\bSET\s+NOT\s+NULL\b`)

var addsColumn = regexp.MustCompile(`(?is)\bADD\s+COLUMN\b[^,;]*`)

func breaksTheVersionBefore(sql string) bool {
	for _, column := range addsColumn.FindAllString(sql, -1) {
		if regexp.MustCompile(`(?i)\bNOT\s+NULL\b`).MatchString(column) && !regexp.MustCompile(`(?i)\bDEFAULT\b`).MatchString(column) {
			return true
		}
	}
	return takesAway.MatchString(sql)
}

// What nobody needs any more is taken away by a later version, in a file NNNNNN_title_contract.up.sql: docs/operations.md.
func TestTheVersionBeforeLivesWithEveryMigration(t *testing.T) {
	for _, m := range migrations.Modules() {
		entries, err := fs.Glob(m.FS, "*.up.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range entries {
			sql, err := fs.ReadFile(m.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			if breaksTheVersionBefore(regexp.MustCompile(`--[^\n]*`).ReplaceAllString(string(sql), "")) && !regexp.MustCompile(`_contract\.up\.sql$`).MatchString(name) {
				t.Errorf("%s/%s takes away what the version before needs", m.Name, name)
			}
		}
	}
}

func TestPlantedMigrationsThatTakeAwayAreCaught(t *testing.T) {
	for _, sql := range []string{"ALTER TABLE a.b DROP COLUMN c", "drop table a.b", "ALTER TABLE a.b RENAME c TO d", "ALTER TABLE a.b ALTER c SET NOT NULL",
		"ALTER TABLE a.b\n    ADD COLUMN c text NOT NULL,\n    ADD COLUMN d int NOT NULL DEFAULT 0"} {
		if !breaksTheVersionBefore(sql) {
			t.Errorf("not caught: %s", sql)
		}
	}
	if breaksTheVersionBefore("ALTER TABLE a.b ADD COLUMN c text NOT NULL DEFAULT '', DROP CONSTRAINT d; DROP INDEX a.e") {
		t.Error("caught, and harmless")
	}
}
