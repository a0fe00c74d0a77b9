// Package testdb gives each test a database of its own, with all migrations applied, in about 40 ms.
//
// It owns private PostgreSQL servers that belong to tests: every test binary runs one while it lives (see
// package devpostgres), in the first free directory below the user's cache directory. The directories are
// kept, with a migrated template database in each, so that only the first run has to make them. Nothing
// keeps running when the tests have ended, however they ended.
//
// It does not know what is in the migrations. It alone reads these variables:
//
//	RIALTO_TEST_DATABASE_URL  use this server instead; a postgres:// URL of a user that may create databases and roles
//	KEEP_TEST_DB=1            keep the databases, and the server, until the next run; their URLs are logged
//	PG_BIN                    the directory of initdb and postgres
//
// goleak sees the goroutines of the server that all tests share: take goleak.IgnoreCurrent() after New.
package testdb
