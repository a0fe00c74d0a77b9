// Package config helps a program to read its settings from the environment without surprises: secrets may come from
// files, and a misspelled name is refused instead of being ignored. It knows no setting by name.
package config

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

const fileSuffix = "_FILE"

// FileValues answers, for every NAME_FILE in environ whose NAME is one of names, the content of that file under NAME,
// without its trailing line break. Errors: both NAME and NAME_FILE are set, or the file cannot be read.
func FileValues(environ, names []string) (map[string]string, error) {
	values := map[string]string{}
	set := split(environ)
	for _, name := range names {
		path, ok := set[name+fileSuffix]
		if !ok {
			continue
		}
		if _, both := set[name]; both {
			return nil, fmt.Errorf("both %s and %s%s are set; keep one", name, name, fileSuffix)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read %s%s: %w", name, fileSuffix, err)
		}
		values[name] = strings.TrimRight(string(content), "\r\n")
	}
	return values, nil
}

// RefuseUnknown answers an error for the first variable (by name) that starts with prefix and is neither one of known
// nor one of known with _FILE behind it; the error names the nearest known one.
func RefuseUnknown(environ []string, prefix string, known []string) error {
	names := make([]string, 0, len(environ))
	for name := range split(environ) {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) || slices.Contains(known, strings.TrimSuffix(name, fileSuffix)) {
			continue
		}
		return fmt.Errorf("unknown setting %s; did you mean %s?", name, nearest(name, known))
	}
	return nil
}

func split(environ []string) map[string]string {
	set := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		set[name] = value
	}
	return set
}

func nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance is the Levenshtein distance: the number of single-character edits between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
