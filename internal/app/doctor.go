package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	// examLimit bounds the look at one thing.
	examLimit = 3 * time.Second
	// leastPostgres is the oldest version that is supported, as server_version_num counts.
	leastPostgres = 140000
	// clockTolerance is how far the clock of a database may be from this machine's: passports and events of providers allow
	// no more than half a minute.
	clockTolerance = 5 * time.Second
)

// Finding is what was seen of one thing. What is well has no Wrong; what is not has what to type or set Next.
type Finding struct {
	Thing, Wrong, Next string
}

func well(thing string) Finding { return Finding{Thing: thing} }

// Examine looks at everything a process needs, without changing anything.
func Examine(ctx context.Context, cfg Config) []Finding {
	if cfg.private() {
		var found []Finding
		if cfg, found = examinePrivate(cfg); cfg.DatabaseURL == "" {
			return append(found, cfg.examinePorts()...)
		}
	}
	if err := cfg.check(); err != nil {
		return []Finding{{Thing: "settings", Wrong: err.Error(), Next: "docs/configuration.md lists what can be set"}}
	}
	found := []Finding{well("settings")}
	for dsn, modules := range cfg.tablesByURL() {
		found = append(found, examineDatabase(ctx, dsn, modules)...)
	}
	found = append(found, cfg.examinePorts()...)
	found = append(found, cfg.examineNeighbors(ctx)...)
	return append(found, cfg.examineBroker(ctx)...)
}

// examinePrivate finds the database of a shop that runs with nothing configured, while it runs.
func examinePrivate(cfg Config) (Config, []Finding) {
	dir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return cfg, []Finding{{Thing: "data directory", Wrong: err.Error(), Next: "set RIALTO_DATA_DIR"}}
	}
	dsn, running, err := devpostgres.Attach(dir)
	if err != nil {
		return cfg, []Finding{{Thing: "private PostgreSQL", Wrong: err.Error(), Next: "set RIALTO_DATA_DIR or DATABASE_URL"}}
	}
	if !running {
		return cfg, []Finding{well("private PostgreSQL: it is made and started by server serve")}
	}
	secret, err := os.ReadFile(filepath.Join(dir, secretFile))
	if err != nil && cfg.SecretKey == "" {
		return cfg, []Finding{{Thing: "secret key", Wrong: err.Error(), Next: "run the command as the user that runs the server"}}
	}
	if cfg.SecretKey == "" {
		cfg.SecretKey = string(secret)
	}
	cfg.DataDir, cfg.DatabaseURL = dir, dsn
	return cfg, nil
}

func examineDatabase(ctx context.Context, dsn string, modules []schema.Module) []Finding {
	ctx, cancel := context.WithTimeout(ctx, examLimit)
	defer cancel()
	thing := "database of " + modules[0].Name
	if len(modules) > 1 {
		thing += " and " + strconv.Itoa(len(modules)-1) + " more"
	}
	db, err := sqldb.OpenAdmin(dsn)
	if err == nil {
		defer func() { _ = db.Close() }()
		err = db.PingContext(ctx)
	}
	if err != nil {
		return []Finding{{Thing: thing, Wrong: "it cannot be reached: " + err.Error(),
			Next: "start PostgreSQL, or set DATABASE_URL (or <MODULE>_DATABASE_URL) to where it is"}}
	}
	found := []Finding{examineServer(ctx, db, thing)}
	for _, module := range modules {
		if broken := examineTables(ctx, db, module); broken.Wrong != "" {
			found = append(found, broken)
		}
	}
	if len(found) == 1 {
		found = append(found, well("tables of "+strconv.Itoa(len(modules))+" modules"))
	}
	return found
}

// examineServer looks at what a database server says of itself.
func examineServer(ctx context.Context, db *sql.DB, thing string) Finding {
	server, err := sqldb.Describe(ctx, db)
	off := time.Since(server.Now).Abs()
	f := Finding{Thing: thing}
	switch {
	case err != nil:
		f.Wrong, f.Next = err.Error(), "see the log of PostgreSQL"
	case server.Number < leastPostgres:
		f.Wrong, f.Next = "PostgreSQL "+server.Version+" is too old", "use version 14 or newer"
	case server.ReadOnly:
		f.Wrong, f.Next = "it takes no writes", "set the address of the primary"
	case server.Fsync != "on" || server.SynchronousCommit == "off":
		f.Wrong = fmt.Sprintf("it may lose what it has acknowledged (fsync %s, synchronous_commit %s)", server.Fsync, server.SynchronousCommit)
		f.Next = "turn both on"
	case !server.MayCreate:
		f.Wrong, f.Next = "its user may not create schemas, which new modules need", "GRANT CREATE ON DATABASE ... TO ..."
	case off > clockTolerance:
		f.Wrong, f.Next = fmt.Sprintf("its clock is %v away from this machine's", off.Round(time.Second)), "have both follow a time server (NTP)"
	}
	return f
}

// examineTables compares the version of a module's tables with the newest of this program.
func examineTables(ctx context.Context, db *sql.DB, module schema.Module) Finding {
	f := Finding{Thing: "tables of " + module.Name}
	made, err := module.Look(ctx, db)
	switch {
	case err != nil:
		f.Wrong, f.Next = err.Error(), "see the log of PostgreSQL"
	case made.Version == 0:
		f.Wrong, f.Next = "they are not made yet", "server migrate"
	case made.Dirty:
		f.Wrong, f.Next = fmt.Sprintf("migration %d failed", made.Version), "server migrate, which says how to go on"
	case made.Moved:
		name := strings.ToUpper(module.Name)
		f.Wrong = "they take no writes, because the module was moved, or is being moved"
		f.Next = "set " + name + "_URL, or " + name + "_DATABASE_URL, to where it is now"
	case made.Version < made.Newest:
		f.Wrong, f.Next = fmt.Sprintf("they are at version %d of %d", made.Version, made.Newest), "server migrate"
	}
	return f
}

// examinePorts says whether this process could listen where it is told to. A server that runs already may be what is there.
func (c Config) examinePorts() []Finding {
	var found []Finding
	for _, l := range []struct{ setting, address string }{
		{"RIALTO_ADDR", c.Addr}, {"RIALTO_METRICS_ADDR", c.MetricsAddr}, {"RIALTO_INTERNAL_ADDR", c.InternalAddr}} {
		if l.address == "" {
			continue
		}
		f := well(l.setting + " " + l.address)
		if listener, err := net.Listen("tcp", l.address); err == nil {
			_ = listener.Close()
		} else if c.isServed() {
			f.Thing += ": a server is there already, this shop's if it runs"
		} else {
			f.Wrong, f.Next = err.Error(), "end what listens there, or set "+l.setting
		}
		found = append(found, f)
	}
	return found
}

// isServed says whether a server answers at this process's own address.
func (c Config) isServed() bool {
	client := http.Client{Timeout: examLimit}
	res, err := client.Get(LocalURL(c.Addr) + "/livez")
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode == http.StatusOK
}

// missing are the modules of those named that the process at an address does not have.
func missing(ctx context.Context, address string, tokens remote.Tokens, names []string) ([]string, error) {
	var absent []string
	for _, module := range names {
		err := remote.NewCaller(remote.Config{Module: module, URL: address, Tokens: tokens}).Here(ctx)
		if errors.Is(err, remote.ErrNotHere) {
			absent = append(absent, module)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return absent, nil
}

// examineNeighbors asks the processes that have other modules something harmless.
func (c Config) examineNeighbors(ctx context.Context) []Finding {
	tokens, err := c.tokens()
	if err != nil || !c.split() {
		return nil
	}
	var found []Finding
	for address, names := range c.absentByURL() {
		f := well("process with " + strings.Join(names, ", ") + " at " + address)
		limited, cancel := context.WithTimeout(ctx, examLimit)
		missing, err := missing(limited, address, tokens, names)
		cancel()
		switch {
		case len(missing) > 0:
			f.Wrong = "it does not run " + strings.Join(missing, ", ")
			f.Next = "set " + strings.ToUpper(missing[0]) + "_URL to the RIALTO_INTERNAL_ADDR of the process that does"
		case errors.Is(err, remote.ErrRefused):
			f.Wrong, f.Next = "it does not accept the token", "set the same RIALTO_INTERNAL_TOKEN in all processes of the shop"
		case err != nil:
			f.Wrong, f.Next = "it cannot be asked: "+err.Error(), "start it, or set <MODULE>_URL or RIALTO_APP_URL to its RIALTO_INTERNAL_ADDR"
		}
		found = append(found, f)
	}
	return found
}

// examineBroker looks at what carries events between processes, where something does.
func (c Config) examineBroker(ctx context.Context) []Finding {
	carrier := newBroker(c, nil)
	if carrier == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, examLimit)
	defer cancel()
	seen, err := carrier.Examine(ctx)
	f := well("broker of NATS_URL")
	switch {
	case errors.Is(err, broker.ErrNotYet):
		f.Thing += ": its streams are made by server serve"
	case errors.Is(err, broker.ErrNoJetStream):
		f.Wrong, f.Next = err.Error(), `put "jetstream { store_dir: ..., sync_interval: always }" into its configuration, or set NATS_URL to a user who may use it`
	case err != nil:
		f.Wrong, f.Next = err.Error(), "start it, or set NATS_URL to where it is and to a user it knows"
	case len(seen.Untaken) > 0:
		f.Wrong = "nobody takes its events for " + strings.Join(seen.Untaken, ", ")
		f.Next = "start the processes with these modules, with the same NATS_URL"
	case seen.Replicas < 2:
		f.Thing += ": one copy of each event, safe only where the broker has sync_interval: always"
	}
	return []Finding{f}
}
