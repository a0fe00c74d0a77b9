package schema

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// RoleName returns the PostgreSQL role of a module.
func RoleName(module string) string { return "rialto_" + module }

// Roles gives every module a role that can read and change the rows of its own schema and nothing else: a
// query into another schema fails with 42501. The login role becomes a member of each. Run it after Up;
// tables of later migrations by the same login role are covered.
func Roles(ctx context.Context, dsn string, modules []Module) error {
	return exclusively(ctx, dsn, func(db *sql.DB) error {
		if _, err := db.ExecContext(ctx, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`); err != nil {
			return fmt.Errorf("close schema public: %w", err)
		}
		for _, m := range modules {
			if err := m.ensureRole(ctx, db); err != nil {
				return fmt.Errorf("role of %s: %w", m.Name, err)
			}
		}
		return nil
	})
}

func (m Module) ensureRole(ctx context.Context, db *sql.DB) error {
	role, schema := pq.QuoteIdentifier(RoleName(m.Name)), pq.QuoteIdentifier(m.Name)
	commands := []string{
		// Roles belong to the whole server, and two databases of it may be set up at the same time.
		`DO $$ BEGIN CREATE ROLE ` + role + ` NOLOGIN;
		 EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
		// A superuser is a member of every role. A PostgreSQL 16 CREATEROLE user may grant the role it has
		// made, but not take it on, without this.
		`DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER) THEN
		   GRANT ` + role + ` TO CURRENT_USER; END IF; END $$`,
		`GRANT USAGE ON SCHEMA ` + schema + ` TO ` + role,
		`GRANT ALL ON ALL TABLES IN SCHEMA ` + schema + ` TO ` + role,
		`GRANT ALL ON ALL SEQUENCES IN SCHEMA ` + schema + ` TO ` + role,
		`ALTER DEFAULT PRIVILEGES IN SCHEMA ` + schema + ` GRANT ALL ON TABLES TO ` + role,
		`ALTER DEFAULT PRIVILEGES IN SCHEMA ` + schema + ` GRANT ALL ON SEQUENCES TO ` + role,
	}
	for _, command := range commands {
		if _, err := db.ExecContext(ctx, command); err != nil {
			return err
		}
	}
	return nil
}
