package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

var errNoPgbench = errors.New("pgbench is needed: it comes with PostgreSQL, on Debian in the package postgresql-contrib or postgresql")

// findPgbench looks in the path and where Debian and Red Hat keep it, the newest version first.
func findPgbench() (string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path, nil
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/pgbench", "/usr/pgsql-*/bin/pgbench"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return slices.Max(found), nil
		}
	}
	return "", errNoPgbench
}

// pgbench runs limit.sql against the server whose socket is in socketDir; extent says for how long.
func (l *lab) pgbench(ctx context.Context, socketDir string, extent ...string) error {
	args := append([]string{"--no-vacuum", "--protocol=prepared", "--client=" + strconv.Itoa(clients), "--jobs=2",
		"--file=" + filepath.Join(l.dir, "limit.sql"), "--host=" + socketDir, "--username=rialto"}, extent...)
	cmd := exec.CommandContext(ctx, l.pgbenchPath, append(args, limitDatabase)...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pgbench: %w\n%s", err, output)
	}
	return nil
}

// measureLimit runs limit.sql for a while and reads what pgbench wrote down of every transaction.
func (l *lab) measureLimit(ctx context.Context) (pace, error) {
	prefix := filepath.Join(l.dir, "limit-log")
	seconds := strconv.Itoa(max(1, int(l.settings.length.Seconds())))
	if err := l.pgbench(ctx, l.socketDir, "--time="+seconds, "--log", "--log-prefix="+prefix); err != nil {
		return pace{}, err
	}
	logs, err := filepath.Glob(prefix + ".*")
	if err != nil {
		return pace{}, err
	}
	var visits []visit
	for _, path := range logs {
		read, err := readLimitLog(path)
		if err := errors.Join(err, os.Remove(path)); err != nil {
			return pace{}, err
		}
		visits = append(visits, read...)
	}
	if len(visits) == 0 {
		return pace{}, errors.New("pgbench logged no transaction")
	}
	slices.SortFunc(visits, func(a, b visit) int { return int(a.ended - b.ended) })
	return paceOf(visits, visits[0].ended-visits[0].took), nil
}

// readLimitLog reads lines of: client, transaction, microseconds taken, script, and the second and microsecond of its end.
func readLimitLog(path string) (visits []visit, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		v, err := readLimitLine(strings.Fields(lines.Text()))
		if err != nil {
			return nil, fmt.Errorf("read pgbench's log: %w", err)
		}
		visits = append(visits, v)
	}
	return visits, lines.Err()
}

const (
	limitFields   = 6
	tookField     = 2
	secondsField  = 4
	fractionField = 5
)

func readLimitLine(fields []string) (visit, error) {
	if len(fields) < limitFields {
		return visit{}, fmt.Errorf("%d fields", len(fields))
	}
	var numbers [limitFields]int64
	for _, i := range []int{tookField, secondsField, fractionField} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return visit{}, err
		}
		numbers[i] = n
	}
	ended := time.Duration(numbers[secondsField])*time.Second + time.Duration(numbers[fractionField])*time.Microsecond
	return visit{ended: ended, took: time.Duration(numbers[tookField]) * time.Microsecond}, nil
}
