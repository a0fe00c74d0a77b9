package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
)

const modulePath = "github.com/rialto-commerce/rialto/"

// source is one Go file of the tree, by its path from the repository's root.
type source struct {
	path    string
	file    *ast.File
	imports []string
}

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// isGenerated follows the convention that generated files say so before the package clause.
func (s source) isGenerated() bool { return ast.IsGenerated(s.file) }

// module is the module that a path belongs to, or "" for app, platform, money and everything outside internal.
func moduleOf(dir string) string {
	rest, ok := strings.CutPrefix(dir, "internal/")
	if !ok {
		return ""
	}
	first, _, _ := strings.Cut(rest, "/")
	if slices.Contains([]string{"app", "platform", "money", "archtest"}, first) {
		return ""
	}
	return first
}

// inside is the part of a path behind its module's folder: "" for the front door.
func inside(dir string) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(dir, "internal/"), "/")
	return rest
}

func parseTree(tree fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		parsed, err := parseFile(tree, name)
		sources = append(sources, parsed)
		return err
	})
	return sources, err
}

func parseFile(tree fs.FS, name string) (source, error) {
	content, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	parsed := source{path: name, file: file}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		parsed.imports = append(parsed.imports, imported)
	}
	return parsed, nil
}

func planted(files map[string]string) fs.FS {
	tree := fstest.MapFS{}
	for name, content := range files {
		tree[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return tree
}
