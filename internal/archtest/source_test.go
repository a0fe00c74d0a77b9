package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// apiCode is generated with a comment that says the same in every package.
const apiCode = "/api.gen.go"

// checkComments answers every package without a package comment, and every front door that lacks doc.go or errors.go.
func checkComments(sources []source) []string {
	commented, packages := map[string]bool{}, map[string]bool{}
	files := map[string]bool{}
	for _, s := range sources {
		files[s.path] = true
		if s.isTest() {
			continue
		}
		packages[s.dir()] = true
		commented[s.dir()] = commented[s.dir()] || (s.file.Doc != nil && !strings.HasSuffix(s.path, apiCode))
	}
	var findings []string
	for dir := range packages {
		if !commented[dir] {
			findings = append(findings, dir+": the package has no comment")
		}
	}
	for module := range mayImport {
		for _, name := range []string{"doc.go", "errors.go"} {
			if door := "internal/" + module; packages[door] && !files[door+"/"+name] {
				findings = append(findings, door+": no "+name)
			}
		}
	}
	slices.Sort(findings)
	return findings
}

var (
	looksLikeSQL = regexp.MustCompile(`(?is)\b(select\b.*\bfrom|insert\s+into|update\b.*\bset|delete\s+from|join|create\s+(table|index|view))\b`)
	qualified    = regexp.MustCompile(`\b([a-z]+)\.[a-z_]+`)
)

// checkSchemas answers every SQL text of a module, in Go or in its migrations, that names another module's schema.
func checkSchemas(tree fs.FS, sources []source) ([]string, error) {
	var findings []string
	for _, s := range sources {
		module := moduleOf(s.dir())
		if module == "" || s.isTest() {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING && looksLikeSQL.MatchString(literal.Value) {
				findings = append(findings, foreignSchemas(s.path, module, literal.Value)...)
			}
			return true
		})
	}
	migrations, err := fs.Glob(tree, "migrations/*/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range migrations {
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		findings = append(findings, foreignSchemas(name, strings.Split(name, "/")[1], string(content))...)
	}
	return findings, nil
}

func foreignSchemas(where, module, sql string) []string {
	var findings []string
	for _, match := range qualified.FindAllStringSubmatch(sql, -1) {
		if _, isModule := mayImport[match[1]]; isModule && match[1] != module {
			findings = append(findings, fmt.Sprintf("%s: SQL of %s names %s", where, module, match[0]))
		}
	}
	return findings
}

// plannedState is the file whose state is its purpose: it is in no binary but the one that tests break on purpose.
const plannedState = "internal/platform/failpoint/on.go"

// checkState answers every init function and every package variable that could change.
func checkState(sources []source) []string {
	var findings []string
	for _, s := range sources {
		if s.isTest() || s.isGenerated() || s.path == plannedState {
			continue
		}
		for _, decl := range s.file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				findings = append(findings, s.path+": init()")
			}
			if vars, ok := decl.(*ast.GenDecl); ok && vars.Tok == token.VAR {
				findings = append(findings, mutableVars(s.path, vars)...)
			}
		}
	}
	return findings
}

// constantMakers are calls whose results nobody assigns again: sentinels, patterns, lazily read constants.
var constantMakers = []string{"fault.New", "errors.New", "regexp.MustCompile", "sync.OnceValue", "sync.OnceValues", "template.Must", "big.NewInt", "decimal.NewFromInt", "strings.NewReplacer"}

func mutableVars(where string, decl *ast.GenDecl) []string {
	var findings []string
	for _, spec := range decl.Specs {
		value := spec.(*ast.ValueSpec)
		for i, name := range value.Names {
			if name.Name == "_" || isEmbed(decl, value) || i < len(value.Values) && isConstant(value.Values[i]) {
				continue
			}
			findings = append(findings, where+": mutable package variable "+name.Name)
		}
	}
	return findings
}

func isEmbed(decl *ast.GenDecl, spec *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{decl.Doc, spec.Doc} {
		if doc == nil {
			continue
		}
		for _, comment := range doc.List {
			if strings.HasPrefix(comment.Text, "//go:embed") {
				return true
			}
		}
	}
	return false
}

// isConstant accepts another package's sentinel by another name, such as sql.ErrNoRows, and calls of constantMakers.
func isConstant(value ast.Expr) bool {
	if alias, ok := value.(*ast.SelectorExpr); ok {
		return strings.HasPrefix(alias.Sel.Name, "Err")
	}
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	receiver, ok := selector.X.(*ast.Ident)
	return ok && slices.Contains(constantMakers, receiver.Name+"."+selector.Sel.Name)
}
