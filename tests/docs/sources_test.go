package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/app"
)

// event is what a module announces: its name, the type it is in Go, and the names of what it carries.
type event struct {
	name   string
	goType string
	fields []string
}

// events reads internal/*/events.go.
func events(tree fs.FS) ([]event, error) {
	files, err := fs.Glob(tree, "internal/*/events.go")
	if err != nil {
		return nil, err
	}
	var found []event
	for _, name := range files {
		file, err := parse(tree, name)
		if err != nil {
			return nil, err
		}
		fields := jsonFields(file)
		for goType, name := range eventNames(file) {
			found = append(found, event{name: name, goType: file.Name.Name + "." + goType, fields: fields[goType]})
		}
	}
	return found, nil
}

// eventNames answers, by type, what EventName returns.
func eventNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, decl := range file.Decls {
		method, ok := decl.(*ast.FuncDecl)
		if !ok || method.Name.Name != "EventName" {
			continue
		}
		ast.Inspect(method.Body, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok {
				names[method.Recv.List[0].Type.(*ast.Ident).Name] = unquote(literal)
			}
			return true
		})
	}
	return names
}

// jsonFields answers, by type, the JSON names of the fields of structs.
func jsonFields(file *ast.File) map[string][]string {
	fields := map[string][]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if fieldsOf, ok := spec.Type.(*ast.StructType); ok {
			for _, field := range fieldsOf.Fields.List {
				name, _, _ := strings.Cut(reflect.StructTag(unquote(field.Tag)).Get("json"), ",")
				fields[spec.Name.Name] = append(fields[spec.Name.Name], name)
			}
		}
		return false
	})
	return fields
}

// listener is who acts on an event.
type listener struct{ name, event string }

var (
	subscribed = regexp.MustCompile(`on\("([a-z_.]+)", m\.(\w+)\)`)
	listening  = regexp.MustCompile(`func \(m \*modules\) (\w+)\(.*\[\](\w+\.\w+)\) error`)
)

// listeners reads the event map of the shop.
func listeners(tree fs.FS) ([]listener, error) {
	announced, err := events(tree)
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(tree, "internal/app/subscriptions.go")
	if err != nil {
		return nil, err
	}
	names, heard := map[string]string{}, map[string]string{}
	for _, e := range announced {
		names[e.goType] = e.name
	}
	for _, method := range listening.FindAllStringSubmatch(string(text), -1) {
		heard[method[1]] = names[method[2]]
	}
	var found []listener
	for _, s := range subscribed.FindAllStringSubmatch(string(text), -1) {
		if heard[s[2]] == "" {
			return nil, fmt.Errorf("%s listens to an event that is not in any events.go", s[1])
		}
		found = append(found, listener{name: s[1], event: heard[s[2]]})
	}
	return found, nil
}

// column is one of a table, with its type in lower case.
type column struct{ name, kind string }

var (
	tableStart = regexp.MustCompile(`(?s)CREATE TABLE ([a-z_]+\.[a-z_]+) \((.*?)\n\)`)
	columnLine = regexp.MustCompile(`(?m)^ +([a-z_]+) +(uuid|text|jsonb|bytea|boolean|integer|bigint|numeric|char|timestamptz|tsvector)`)
	remark     = regexp.MustCompile(`(?m)--.*$`)
	altered    = regexp.MustCompile(`ALTER TABLE ([a-z_]+\.[a-z_]+)([^;]*);`)
	added      = regexp.MustCompile(`ADD COLUMN (?:IF NOT EXISTS )?([a-z_]+) +([a-z]+)`)
)

// columns reads every column of every table from the migrations; its name is schema.table.column.
func columns(tree fs.FS) ([]column, error) {
	text, err := migrations(tree)
	if err != nil {
		return nil, err
	}
	var found []column
	for _, table := range tableStart.FindAllStringSubmatch(text, -1) {
		for _, c := range columnLine.FindAllStringSubmatch(table[2], -1) {
			found = append(found, column{name: table[1] + "." + c[1], kind: c[2]})
		}
	}
	for _, table := range altered.FindAllStringSubmatch(remark.ReplaceAllString(text, ""), -1) {
		for _, c := range added.FindAllStringSubmatch(table[2], -1) {
			found = append(found, column{name: table[1] + "." + c[1], kind: c[2]})
		}
	}
	return found, nil
}

// machine is a column that moves between states, and the states.
type machine struct {
	name   string
	states []string
}

var statesOf = regexp.MustCompile(`CHECK \(\s*((?:[a-z]+_)?stat(?:us|e)) IN \(([^)]*)\)`)

// machines reads from the migrations which columns hold a status or a state.
func machines(tree fs.FS) ([]machine, error) {
	text, err := migrations(tree)
	if err != nil {
		return nil, err
	}
	var found []machine
	for _, table := range tableStart.FindAllStringSubmatch(text, -1) {
		for _, c := range statesOf.FindAllStringSubmatch(table[2], -1) {
			states := regexp.MustCompile(`[a-z_]+`).FindAllString(c[2], -1)
			found = append(found, machine{name: table[1] + "." + c[1], states: states})
		}
	}
	return found, nil
}

func migrations(tree fs.FS) (string, error) {
	files, err := fs.Glob(tree, "migrations/*/*.sql")
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, name := range files {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return "", err
		}
		all.Write(text)
	}
	return all.String(), nil
}

// settings are the environment variables that the server knows, with their defaults.
func settings() map[string]string {
	found := map[string]string{}
	config := reflect.TypeFor[app.Config]()
	for i := range config.NumField() {
		if tag := config.Field(i).Tag; tag.Get("env") != "" {
			found[tag.Get("env")] = tag.Get("default")
		}
	}
	return found
}

// lazyCommits are the files with statements that do not wait for the disk.
func lazyCommits(tree fs.FS) (lazy []string, err error) {
	err = fs.WalkDir(tree, "internal", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		content, err := fs.ReadFile(tree, name)
		if strings.Contains(string(content), "set_config('synchronous_commit'") {
			lazy = append(lazy, name)
		}
		return err
	})
	return lazy, err
}

// mayImport reads the module graph that archtest enforces.
func mayImport(tree fs.FS) (map[string][]string, error) {
	file, err := parse(tree, "internal/archtest/imports_test.go")
	if err != nil {
		return nil, err
	}
	edges := map[string][]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != "mayImport" {
			return true
		}
		for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
			entry := element.(*ast.KeyValueExpr)
			from := unquote(entry.Key.(*ast.BasicLit))
			edges[from] = nil
			if to, ok := entry.Value.(*ast.CompositeLit); ok {
				for _, e := range to.Elts {
					edges[from] = append(edges[from], unquote(e.(*ast.BasicLit)))
				}
			}
		}
		return false
	})
	return edges, nil
}

var requirement = regexp.MustCompile(`(?m)^(?:\t|require |tool )(\S+\.\S+/\S+)`)

// dependencies are the modules that code of this repository imports or runs.
func dependencies(tree fs.FS) ([]string, error) {
	module, err := fs.ReadFile(tree, "go.mod")
	if err != nil {
		return nil, err
	}
	var required []string
	used := map[string]bool{}
	for _, r := range requirement.FindAllStringSubmatch(string(module), -1) {
		if strings.HasPrefix(r[0], "tool ") {
			used[longest(required, r[1])] = true
			continue
		}
		required = append(required, r[1])
	}
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".go" {
			return err
		}
		file, err := parse(tree, name)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			used[longest(required, unquote(imported.Path))] = true
		}
		return nil
	})
	delete(used, "")
	return slices.Sorted(maps.Keys(used)), err
}

// longest answers the module that a package belongs to, "" for one of the standard library or of this repository.
func longest(required []string, imported string) string {
	found := ""
	for _, module := range required {
		if (imported == module || strings.HasPrefix(imported, module+"/")) && len(module) > len(found) {
			found = module
		}
	}
	return found
}

func parse(tree fs.FS, name string) (*ast.File, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	return parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
}

// unquote is the text of a literal, "" of none.
func unquote(literal *ast.BasicLit) string {
	if literal == nil {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return literal.Value
	}
	return text
}
