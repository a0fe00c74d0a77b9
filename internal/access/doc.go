// Package access is the front door of the access module: API keys and what they may do. It owns the Postgres schema
// "access" and guards that a secret is stored only as a hash and shown only once. It knows scopes by name, not what
// they protect.
package access
