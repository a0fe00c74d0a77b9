//go:build unix

package devpostgres

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// unpack writes the files of an npm package below dir, which it makes, readable by everybody, and adds
// the symbolic links that the package lists, since npm cannot carry them.
func unpack(archive, dir string) (err error) {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()

	if err := unpackFiles(file, root); err != nil {
		return fmt.Errorf("unpack %s: %w", filepath.Base(archive), err)
	}
	if err := addLinks(root); err != nil {
		return fmt.Errorf("add links to %s: %w", filepath.Base(archive), err)
	}
	return nil
}

// unpackFiles leaves it to root to refuse a name that leads out of it.
func unpackFiles(compressed io.Reader, root *os.Root) error {
	plain, err := gzip.NewReader(compressed)
	if err != nil {
		return err
	}
	entries := tar.NewReader(plain)
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, inPackage := strings.CutPrefix(entry.Name, "package/")
		if !inPackage || entry.Typeflag != tar.TypeReg {
			continue
		}
		if err := writeFile(root, name, entry.FileInfo().Mode(), entries); err != nil {
			return err
		}
	}
}

func writeFile(root *os.Root, name string, mode fs.FileMode, content io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	readable := fs.FileMode(0o644) | mode&0o111
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, readable)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// addLinks makes every link relative to its own directory, so that the tree can be moved.
func addLinks(root *os.Root) error {
	text, err := root.ReadFile("native/pg-symlinks.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct {
		Source string `json:"source"` // what exists
		Target string `json:"target"` // the name of the link
	}
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	for _, link := range links {
		to, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := root.Symlink(to, link.Target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
