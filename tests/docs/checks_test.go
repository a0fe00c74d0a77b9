package docs

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// section is the text under the heading that names something in backquotes, "" where there is none.
func section(document, name string) string {
	heading := regexp.MustCompile("(?m)^##+ .*`" + regexp.QuoteMeta(name) + "`.*$").FindStringIndex(document)
	if heading == nil {
		return ""
	}
	rest := document[heading[1]:]
	if next := regexp.MustCompile(`(?m)^##+ `).FindStringIndex(rest); next != nil {
		return rest[:next[0]]
	}
	return rest
}

// rows are the cells of the table rows that begin with something in backquotes, by that.
func rows(document string) map[string][]string {
	found := map[string][]string{}
	for line := range strings.Lines(document) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		found[strings.Trim(cells[0], "`")] = cells
	}
	return found
}

func code(text string) string { return "`" + text + "`" }

func checkEvents(document string, announced []event) []string {
	var findings []string
	known := map[string]bool{}
	for _, e := range announced {
		known[e.name] = true
		told := section(document, e.name)
		if told == "" {
			findings = append(findings, e.name+" has no section")
			continue
		}
		for _, field := range e.fields {
			if !strings.Contains(told, code(field)) {
				findings = append(findings, e.name+": what "+field+" is, is not told")
			}
		}
	}
	for _, heading := range regexp.MustCompile("(?m)^## `([a-z_.0-9]+)`").FindAllStringSubmatch(document, -1) {
		if !known[heading[1]] {
			findings = append(findings, heading[1]+" is announced by nobody")
		}
	}
	return findings
}

func checkListeners(document string, heard []listener) []string {
	var findings []string
	for _, l := range heard {
		if !strings.Contains(section(document, l.event), code(l.name)) {
			findings = append(findings, l.name+" listens to "+l.event+", which is not told there")
		}
	}
	return findings
}

// suspect finds the names of columns that may hold what people said or what is known of them.
var suspect = regexp.MustCompile(`email|address|first_name|last_name|phone|birth|user_agent|(^|_)ip$|note|comment|message|reason|` +
	`token$|snapshot|terms|answer|metadata|payload|details|input|outcome|body|failure|last_error|scope$|request_hash`)

// checkPersonalData demands a row for every column with a suspect name and for every JSON column, which can hold anything.
func checkPersonalData(document string, columns []column) []string {
	listed, exists := rows(document), map[string]bool{}
	var findings []string
	for _, c := range columns {
		exists[c.name] = true
		schema, rest, _ := strings.Cut(c.name, ".")
		table, name, _ := strings.Cut(rest, ".")
		if !suspect.MatchString(name) && c.kind != "jsonb" {
			continue
		}
		// The outbox has the same tables in every schema and is told of once, and so have idempotency keys.
		shared := strings.HasPrefix(table, "outbox_") || table == "idempotency_keys"
		if listed[c.name] == nil && (listed["*."+rest] == nil || !shared) {
			findings = append(findings, fmt.Sprintf("%s of schema %s is not listed", c.name, schema))
		}
	}
	for name := range listed {
		if strings.Count(name, ".") == 2 && !strings.HasPrefix(name, "*.") && !exists[name] {
			findings = append(findings, name+" does not exist")
		}
	}
	return findings
}

func checkMachines(document string, machines []machine) []string {
	var findings []string
	for _, m := range machines {
		told := section(document, m.name)
		if told == "" {
			findings = append(findings, m.name+" has no section")
			continue
		}
		for _, state := range m.states {
			if !regexp.MustCompile(`\b` + state + `\b`).MatchString(told) {
				findings = append(findings, m.name+": the state "+state+" is missing")
			}
		}
	}
	return findings
}

func checkSettings(document string, known map[string]string) []string {
	listed := rows(document)
	var findings []string
	for name, preset := range known {
		row := listed[name]
		switch {
		case row == nil:
			findings = append(findings, name+" is not listed")
		case preset != "" && row[1] != code(preset), preset == "" && row[1] != "-":
			findings = append(findings, name+" is listed with another default: "+row[1])
		}
	}
	for name := range listed {
		if _, ok := known[name]; !ok && !strings.Contains(name, "<") && strings.ToUpper(name) == name {
			findings = append(findings, name+" is no setting of the server")
		}
	}
	return findings
}

// checkLazyCommits wants the files where something is committed without waiting for the disk, and no others.
func checkLazyCommits(document string, lazy []string) []string {
	var findings []string
	for _, file := range lazy {
		if !strings.Contains(document, code(file)) {
			findings = append(findings, "why a commit of "+file+" need not wait for the disk is not told")
		}
	}
	for _, told := range regexp.MustCompile("`(internal/[a-z/]+\\.go)`").FindAllStringSubmatch(document, -1) {
		if !slices.Contains(lazy, told[1]) {
			findings = append(findings, told[1]+" commits nothing without waiting for the disk")
		}
	}
	return findings
}

func checkModules(document string, edges map[string][]string) []string {
	listed := rows(document)
	var findings []string
	for module, to := range edges {
		calls := "-"
		if len(to) > 0 {
			calls = strings.Join(to, ", ")
		}
		switch row := listed[module]; {
		case row == nil:
			findings = append(findings, "the module "+module+" is not on the map")
		case row[len(row)-1] != calls:
			findings = append(findings, fmt.Sprintf("%s calls %s; on the map it calls %s", module, calls, row[len(row)-1]))
		}
	}
	return findings
}

func checkDependencies(document string, used []string) []string {
	var findings []string
	listed := rows(document)
	for _, module := range used {
		if row := listed[module]; len(row) < 2 || row[1] == "" {
			findings = append(findings, "why "+module+" is used is not told")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if strings.Contains(name, ".") && strings.Contains(name, "/") && !slices.Contains(used, name) && !strings.Contains(name, " ") &&
			strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
			findings = append(findings, name+" is not used")
		}
	}
	return findings
}

var link = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)

// checkLinks answers every link of a document to a file that is not there.
func checkLinks(tree fs.FS) ([]string, error) {
	var findings []string
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		for _, target := range link.FindAllStringSubmatch(string(text), -1) {
			file, _, _ := strings.Cut(target[1], "#")
			if file == "" || strings.Contains(file, ":") {
				continue
			}
			if _, err := fs.Stat(tree, path.Join(path.Dir(name), file)); err != nil {
				findings = append(findings, name+" links to "+file+", which is not there")
			}
		}
		return nil
	})
	return findings, err
}
