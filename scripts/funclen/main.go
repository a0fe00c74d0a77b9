// Command funclen prints how long the functions of the repository are: median, 95th percentile and the longest, in
// lines from "func" to the closing brace, over hand-written Go that is no test. It exits 1 when the median is above 12
// or the 95th percentile above 50.
package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	maxMedian = 12
	maxP95    = 50
	longest   = 10
)

type function struct {
	name  string
	lines int
}

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	functions, err := collect(root)
	if err != nil || len(functions) == 0 {
		fmt.Fprintln(os.Stderr, "funclen: no functions read:", err)
		os.Exit(1)
	}
	slices.SortFunc(functions, func(a, b function) int { return cmp.Compare(a.lines, b.lines) })
	median, p95 := percentile(functions, 50), percentile(functions, 95)
	fmt.Printf("functions %d, median %d lines (at most %d), 95th percentile %d (at most %d)\n", len(functions), median, maxMedian, p95, maxP95)
	for _, f := range functions[max(0, len(functions)-longest):] {
		fmt.Printf("%5d  %s\n", f.lines, f.name)
	}
	if median > maxMedian || p95 > maxP95 {
		os.Exit(1)
	}
}

func percentile(sorted []function, percent int) int {
	return sorted[(len(sorted)-1)*percent/100].lines
}

func collect(root string) ([]function, error) {
	var functions []function
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(path, entry.Name())
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		found, err := measure(path)
		functions = append(functions, found...)
		return err
	})
	return functions, err
}

func skipFolder(path, name string) error {
	if path != "." && (strings.HasPrefix(name, ".") || name == "node_modules") {
		return fs.SkipDir
	}
	return nil
}

func measure(path string) ([]function, error) {
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || ast.IsGenerated(file) {
		return nil, err
	}
	var functions []function
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := positions.Position(fn.End()).Line - positions.Position(fn.Pos()).Line + 1
		functions = append(functions, function{name: path + " " + fn.Name.Name, lines: lines})
	}
	return functions, nil
}
