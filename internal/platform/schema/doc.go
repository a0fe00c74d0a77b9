// Package schema brings a database to the state the migrations describe: one PostgreSQL schema, one folder
// of files and one version table per module.
//
// It owns the schema_migrations tables and the roles named rialto_<module>. It does not know which modules
// there are, nor what is in their tables: folders are handed to it.
package schema
