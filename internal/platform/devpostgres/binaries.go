//go:build unix

package devpostgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestMajor is what the driver supports.
const oldestMajor = 14

// binaries is a directory with initdb and postgres.
type binaries struct {
	dir     string
	version string // such as "15.18"
	major   int
}

// chooseBinaries takes the first PostgreSQL found that can open the data directory, and fetches one when
// the machine has none at all.
func (s *Server) chooseBinaries(ctx context.Context) error {
	wanted, err := s.dataMajor()
	if err != nil {
		return err
	}
	found, err := s.installed(ctx)
	if err != nil {
		return err
	}
	for _, b := range found {
		if wanted == 0 || b.major == wanted {
			s.binary = b
			return nil
		}
	}
	if wanted == fetchedMajor || len(found) == 0 && wanted == 0 {
		return s.useFetched(ctx)
	}
	return s.wrongMajorError(wanted, found)
}

// installed returns the usable PostgreSQLs, the preferred one first. One that was named must be usable.
func (s *Server) installed(ctx context.Context) ([]binaries, error) {
	if s.config.PgBin != "" {
		named, err := s.examine(ctx, s.config.PgBin)
		if err != nil {
			return nil, fmt.Errorf("PG_BIN: %w", err)
		}
		return []binaries{named}, nil
	}
	dirs := s.config.BinDirs
	if dirs == nil {
		dirs = usualDirs()
	}
	var found []binaries
	for _, dir := range dirs {
		if b, err := s.examine(ctx, dir); err == nil {
			found = append(found, b)
		}
	}
	return found, nil
}

// examine runs the server of dir as the user it will run as.
func (s *Server) examine(ctx context.Context, dir string) (binaries, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, fmt.Errorf("%s has no initdb: %w", dir, err)
	}
	probe := &Server{config: s.config, account: s.account, binary: binaries{dir: dir}}
	output, err := probe.command(ctx, "postgres", "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("run postgres of %s as %s: %w", dir, s.account, err)
	}
	version := regexp.MustCompile(`\d+[.\w]*`).FindString(string(output))
	major, err := strconv.Atoi(regexp.MustCompile(`^\d+`).FindString(version))
	if err != nil {
		return binaries{}, fmt.Errorf("%s says %q instead of its version", dir, output)
	}
	if major < oldestMajor {
		return binaries{}, fmt.Errorf("PostgreSQL %s of %s is too old: %d is the oldest that will do", version, dir, oldestMajor)
	}
	return binaries{dir: dir, version: version, major: major}, nil
}

func (s *Server) wrongMajorError(wanted int, found []binaries) error {
	have := "none was found"
	if len(found) > 0 {
		have = fmt.Sprintf("PostgreSQL %s of %s cannot read it", found[0].version, found[0].dir)
	}
	return fmt.Errorf("%s was written by PostgreSQL %d, and %s: either set PG_BIN to the directory of initdb and postgres"+
		" of version %d, or move %[1]s away to start with an empty database (to keep the data, dump it with version %[2]d first)",
		s.dataDir(), wanted, have, wanted)
}

// usualDirs are what pg_config and PATH name, followed by where distributions put their versions, newest
// first.
func usualDirs() []string {
	var dirs []string
	if output, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(output)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	return append(dirs, versionedDirs(
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	)...)
}

func versionedDirs(patterns ...string) []string {
	var dirs []string
	for _, pattern := range patterns {
		matches, err := filepath.Glob(pattern)
		if err == nil {
			dirs = append(dirs, matches...)
		}
	}
	slices.SortStableFunc(dirs, func(a, b string) int {
		return cmp.Compare(versionIn(b), versionIn(a))
	})
	return dirs
}

// versionIn reads the last number of a path, which is the major version in all of the patterns.
func versionIn(path string) float64 {
	numbers := regexp.MustCompile(`\d+(\.\d+)?`).FindAllString(path, -1)
	if len(numbers) == 0 {
		return 0
	}
	version, err := strconv.ParseFloat(numbers[len(numbers)-1], 64)
	if err != nil {
		return 0
	}
	return version
}

// useFetched runs the fetched binaries from where they are, or from a copy beside the socket when the
// server's user cannot enter Dir.
func (s *Server) useFetched(ctx context.Context) error {
	dir, err := s.fetch(ctx)
	if err != nil {
		return err
	}
	s.binary, err = s.examine(ctx, filepath.Join(dir, "bin"))
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	reachable := filepath.Join(s.runDir, "postgres-bin")
	if err := s.account.copyTree(dir, reachable); err != nil {
		return fmt.Errorf("copy PostgreSQL to where %s can run it: %w", s.account, err)
	}
	s.binary, err = s.examine(ctx, filepath.Join(reachable, "bin"))
	return err
}
