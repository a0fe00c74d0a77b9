// Package migrations holds the SQL files that make every module's schema: a folder per module, named like
// its PostgreSQL schema, with files NNNNNN_title.up.sql. They only go forward, and each must suit the
// binary before it as well, because both run during a deployment.
//
// It owns the files and runs none of them; package schema does.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/rialto-commerce/rialto/internal/platform/schema"
)

//go:embed */*.sql
var files embed.FS

// Modules returns one module per folder, in alphabetical order. No schema refers to another, so any order
// will do.
func Modules() []schema.Module {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(fmt.Sprintf("migrations: the root of an embedded file system cannot be read: %v", err))
	}
	var modules []schema.Module
	for _, entry := range entries {
		if entry.IsDir() {
			modules = append(modules, module(entry.Name()))
		}
	}
	return modules
}

func module(name string) schema.Module {
	folder, err := fs.Sub(files, name)
	if err != nil {
		panic(fmt.Sprintf("migrations: folder %q of an embedded file system cannot be opened: %v", name, err))
	}
	return schema.Module{Name: name, FS: folder}
}
