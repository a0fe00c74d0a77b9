package testdb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/schema"
)

const (
	clonePrefix    = "test_"
	templatePrefix = "template_"
	// templateLock is the advisory lock of those who make a template. The number means nothing.
	templateLock int64 = 6_120_447_815_032_990_113
	// keptTemplates bounds what a directory collects while migrations are being written.
	keptTemplates = 8
)

// clone copies the migrated template to a new database, and makes the template when it is the first to
// need it.
func (s *server) clone(ctx context.Context, testName string, modules []schema.Module) (string, error) {
	template, err := templateName(modules)
	if err != nil {
		return "", err
	}
	if err := s.ensureTemplate(ctx, template, modules); err != nil {
		return "", fmt.Errorf("make template database: %w", err)
	}
	name := cloneName(testName)
	if _, err := s.admin.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE `+template); err != nil {
		return "", fmt.Errorf("clone database: %w", err)
	}
	return name, nil
}

func (s *server) drop(ctx context.Context, name string) error {
	if _, err := s.admin.ExecContext(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

func (s *server) ensureTemplate(ctx context.Context, name string, modules []schema.Module) error {
	if ready, err := s.isTemplate(ctx, name); err != nil || ready {
		return err
	}
	conn, err := s.admin.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return err
	}
	err = s.makeTemplate(ctx, name, modules)
	_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, templateLock)
	return errors.Join(err, unlockErr)
}

func (s *server) isTemplate(ctx context.Context, name string) (bool, error) {
	const query = `SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1 AND datistemplate)`

	var ready bool
	err := s.admin.QueryRowContext(ctx, query, name).Scan(&ready)
	return ready, err
}

// makeTemplate marks the database as a template last, so that one whose migrations failed, or whose
// maker was killed, is made again. Nobody can connect to it after that, which would block cloning.
func (s *server) makeTemplate(ctx context.Context, name string, modules []schema.Module) error {
	if ready, err := s.isTemplate(ctx, name); err != nil || ready {
		return err
	}
	if err := s.drop(ctx, name); err != nil {
		return err
	}
	if _, err := s.admin.ExecContext(ctx, `CREATE DATABASE `+name); err != nil {
		return err
	}
	if err := schema.Up(ctx, s.dsn(name), modules); err != nil {
		return err
	}
	if err := schema.Roles(ctx, s.dsn(name), modules); err != nil {
		return err
	}
	_, err := s.admin.ExecContext(ctx, `ALTER DATABASE `+name+` IS_TEMPLATE true ALLOW_CONNECTIONS false`)
	return err
}

// tidy drops what killed tests left, and templates of migrations long changed. The server must belong to
// this process alone.
func (s *server) tidy(ctx context.Context) error {
	const leftovers = `
		SELECT datname FROM pg_catalog.pg_database
		WHERE starts_with(datname, $1) AND NOT datistemplate`
	const outdated = `
		SELECT datname FROM pg_catalog.pg_database
		WHERE starts_with(datname, $1) AND datistemplate
		ORDER BY oid DESC OFFSET $2`

	clones, err := names(s.admin.QueryContext(ctx, leftovers, clonePrefix))
	if err != nil {
		return err
	}
	templates, err := names(s.admin.QueryContext(ctx, outdated, templatePrefix, keptTemplates))
	if err != nil {
		return err
	}
	for _, name := range templates {
		if _, err := s.admin.ExecContext(ctx, `ALTER DATABASE `+name+` IS_TEMPLATE false`); err != nil {
			return err
		}
	}
	for _, name := range append(clones, templates...) {
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func names(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

// templateName changes with every byte of the migrations.
func templateName(modules []schema.Module) (string, error) {
	hash := sha256.New()
	for _, m := range modules {
		err := fs.WalkDir(m.FS, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(m.FS, path)
			fmt.Fprintf(hash, "%s/%s %d\n%s", m.Name, path, len(content), content)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("read migrations of %s: %w", m.Name, err)
		}
		fmt.Fprintf(hash, "%s\n", m.Name)
	}
	return fmt.Sprintf("%s%x", templatePrefix, hash.Sum(nil)[:12]), nil
}

// cloneName tells which test a database belongs to, within the 63 bytes of a PostgreSQL name.
func cloneName(testName string) string {
	const longest = 40
	plain := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(testName), "_")
	return clonePrefix + plain[:min(len(plain), longest)] + "_" + strings.ToLower(rand.Text()[:12])
}
