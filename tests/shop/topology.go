package shop

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// InternalToken is what the processes of a house know each other by.
const InternalToken = "what-the-processes-of-a-test-house-know-each-other-by"

// Part are the processes of a house that run the same modules for the others, on a database of their own.
type Part struct {
	Modules  []string
	Replicas []*Replica
	Database *testdb.Database
	// Inside is where the other processes call it.
	Inside string
}

// Alone is each of some modules in a process of its own.
func Alone(modules []string) [][]string {
	var apart [][]string
	for _, module := range modules {
		apart = append(apart, []string{module})
	}
	return apart
}

// EachTopology runs a test in a shop of one process, in one whose inventory and payments are each apart, and in one whose
// modules all are. The setup says what else the house consists of.
func EachTopology(t *testing.T, setup Setup, test func(t *testing.T, h *House)) {
	for _, topology := range []struct {
		name  string
		apart [][]string
	}{{"all in one", nil}, {"inventory and payments apart", [][]string{{"inventory"}, {"payments"}}}, {"every module alone", Alone(app.Modules())}} {
		t.Run(topology.name, func(t *testing.T) {
			setup.Apart = topology.apart
			test(t, StartHouse(t, setup))
		})
	}
}

// Of is a pool that may touch everything in the database that holds a module.
func (s *Shop) Of(module string) *sqldb.DB {
	if own := s.own[module]; own != nil {
		return own.Admin()
	}
	return s.Database.Admin()
}

// IntOf answers a number from the database that holds a module.
func (s *Shop) IntOf(module, query string, args ...any) int64 {
	s.t.Helper()
	var n int64
	require.NoError(s.t, s.Of(module).Get(context.Background(), &n, query, args...))
	return n
}

// everywhere are all databases of the shop, each once.
func (s *Shop) everywhere() map[*testdb.Database]bool {
	all := map[*testdb.Database]bool{s.Database: true}
	for _, database := range s.own {
		all[database] = true
	}
	return all
}

// Part answers the part of a house that runs a module.
func (h *House) Part(module string) *Part {
	h.t.Helper()
	for _, p := range h.Parts {
		if slices.Contains(p.Modules, module) {
			return p
		}
	}
	h.t.Fatalf("%s is not apart", module)
	return nil
}

// Home is the process in which a failpoint is met: that of its module, which its name begins with, or server i.
func (h *House) Home(place string, i int) *Replica {
	module, _, _ := strings.Cut(place, ".")
	for _, part := range h.Parts {
		if slices.Contains(part.Modules, module) {
			return part.Replicas[0]
		}
	}
	return h.Replicas[i]
}

// processes are all replicas of the house: those with the API, and those of its parts.
func (h *House) processes() []*Replica {
	all := append([]*Replica(nil), h.Replicas...)
	for _, p := range h.Parts {
		all = append(all, p.Replicas...)
	}
	return all
}

// addParts makes the processes of modules that are apart, and tells the servers where they are.
func (h *House) addParts(setup Setup) {
	h.t.Helper()
	if len(setup.Apart) == 0 {
		return
	}
	h.own = map[string]*testdb.Database{}
	h.Shop.env = append(h.Shop.env, "RIALTO_INTERNAL_TOKEN="+InternalToken)
	shared := h.Shop.env[:len(h.Shop.env):len(h.Shop.env)]
	for range max(setup.Replicas, 1) {
		h.inside = append(h.inside, "http://"+h.freeAddress())
	}
	app := h.before(h.inside)
	for _, modules := range setup.Apart {
		h.Shop.env = append(h.Shop.env, h.addPart(setup, modules, setup.database(h.t), append(shared, "RIALTO_APP_URL="+app))...)
	}
}

// addPart makes the processes of a part, and answers the settings by which servers find it.
func (h *House) addPart(setup Setup, modules []string, database *testdb.Database, env []string) (settings []string) {
	h.t.Helper()
	database.Admin()
	part := &Part{Modules: modules, Database: database}
	var inside []string
	for range max(setup.Doubles, 1) {
		address := h.freeAddress()
		inside = append(inside, "http://"+address)
		part.Replicas = append(part.Replicas, h.newReplica(setup, "http://"+h.freeAddress(), database, append(env[:len(env):len(env)],
			"RIALTO_MODULES="+strings.Join(modules, ","), "RIALTO_INTERNAL_ADDR="+address)))
	}
	part.Inside = h.before(inside)
	h.Parts = append(h.Parts, part)
	for _, module := range modules {
		h.own[module] = database
		settings = append(settings, strings.ToUpper(module)+"_URL="+part.Inside, strings.ToUpper(module)+"_DATABASE_URL="+database.DSN())
	}
	return settings
}

// MoveOut gives a module of a running house of one server a process of its own, on a database that has its tables already, and
// starts the server anew, which then finds it there.
func (h *House) MoveOut(module string, database *testdb.Database) {
	h.t.Helper()
	h.own = map[string]*testdb.Database{}
	inside := h.freeAddress()
	settings := append(h.addPart(Setup{}, []string{module}, database, append(h.Shop.env[:len(h.Shop.env):len(h.Shop.env)],
		"RIALTO_INTERNAL_TOKEN="+InternalToken, "RIALTO_APP_URL=http://"+inside)), "RIALTO_INTERNAL_TOKEN="+InternalToken)
	h.Shop.env = append(h.Shop.env, settings...)
	h.letGo()
	h.Part(module).Replicas[0].Start()
	h.Replicas[0].Stop()
	h.Replicas[0].process.env = append(h.Replicas[0].process.env, append(settings, "RIALTO_INTERNAL_ADDR="+inside)...)
	h.Replicas[0].Start()
}

// before is the address of a load balancer before targets, or the target when there is one.
func (h *House) before(targets []string) string {
	if len(targets) == 1 {
		return targets[0]
	}
	return openFront(h.t, targets)
}
