// Command mutants plants the bugs of tests/mutants, one at a time in a copy of the tree, and prints which tests caught
// which. It fails when one of them is caught by nobody.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	list = "tests/mutants/mutants.txt"
	// limit is for building and testing one mutant.
	limit = 10 * time.Minute
	// copyTree copies what git knows or would add, as far as it exists.
	copyTree = `git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
		test ! -e "$file" || printf '%%s\0' "$file"
	done | xargs -0 cp --parents -t %s`
)

// mutant is a planted bug and the commands that must go red with it.
type mutant struct {
	name, breaks string
	commands     []string
}

func main() {
	only := flag.String("only", "", "names to run, separated by commas; all when empty")
	flag.Parse()
	if err := run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only string) error {
	mutants, err := read(only)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "mutant\tbreaks\tcaught by\tseconds")
	survivors := 0
	for _, m := range mutants {
		started := time.Now()
		caught, green, err := plant(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if len(green) > 0 {
			survivors++
			caught = append(caught, "NOBODY of "+strings.Join(green, " and of "))
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%.0f\n", m.name, m.breaks, strings.Join(caught, ", "), time.Since(started).Seconds())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if survivors > 0 {
		return fmt.Errorf("%d mutants survived", survivors)
	}
	return nil
}

// read answers the mutants of the list: lines of name, what it breaks and the commands, separated by tabs.
func read(only string) ([]mutant, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var mutants []mutant
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) < 3 {
			return nil, fmt.Errorf("%s: not name, what it breaks and commands: %q", list, line)
		}
		if only == "" || slices.Contains(strings.Split(only, ","), fields[0]) {
			mutants = append(mutants, mutant{name: fields[0], breaks: fields[1], commands: fields[2:]})
		}
	}
	return mutants, nil
}

// plant answers the tests that failed with the bug in a copy of the tree, and the commands that should have failed.
func plant(m mutant) (caught, green []string, err error) {
	// The copy is at one place every time, so that what is not planted need not be built again.
	dir := filepath.Join(os.TempDir(), "rialto-mutant")
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755)); err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	patch, err := filepath.Abs(filepath.Join(filepath.Dir(list), m.name+".patch"))
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if output, err := shell(ctx, ".", fmt.Sprintf(copyTree, dir)); err != nil {
		return nil, nil, fmt.Errorf("copy the tree: %w: %s", err, output)
	}
	if output, err := shell(ctx, dir, "git apply "+patch); err != nil {
		return nil, nil, fmt.Errorf("apply the patch: %w: %s", err, output)
	}
	for _, command := range m.commands {
		names, err := redden(ctx, dir, command)
		if err != nil {
			return nil, nil, err
		}
		if len(names) == 0 {
			green = append(green, command)
		}
		caught = append(caught, names...)
	}
	return caught, green, nil
}

// redden answers the tests that failed with a command, none when it is green.
func redden(ctx context.Context, dir, command string) ([]string, error) {
	output, err := shell(ctx, dir, command)
	if err == nil {
		return nil, nil
	}
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		return nil, err
	}
	names := failed(output)
	if len(names) == 0 {
		return nil, fmt.Errorf("%s ended without a failed test: %s", command, output)
	}
	return names, nil
}

func shell(ctx context.Context, dir, command string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", command)
	cmd.Dir = dir
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	return output.Bytes(), err
}

// failed are the names of tests that `go test` says have failed, without those whose subtests did.
func failed(output []byte) []string {
	var names []string
	for _, match := range regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`).FindAllSubmatch(output, -1) {
		names = append(names, string(match[1]))
	}
	return slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(names))), func(name string) bool {
		return slices.ContainsFunc(names, func(other string) bool { return strings.HasPrefix(other, name+"/") })
	})
}
