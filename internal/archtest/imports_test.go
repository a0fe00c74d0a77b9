package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// mayImport is the module graph: who may call whose front door. A new edge needs an ADR.
var mayImport = map[string][]string{
	"access":       nil,
	"channels":     nil,
	"catalog":      nil,
	"pricing":      nil,
	"inventory":    nil,
	"tax":          nil,
	"fulfillment":  nil,
	"payments":     nil,
	"cart":         {"channels", "catalog", "pricing", "tax", "fulfillment", "inventory", "payments"},
	"checkout":     {"cart", "inventory", "payments", "orders"},
	"orders":       {"payments", "inventory", "fulfillment"},
	"storefront":   {"channels", "catalog", "pricing", "inventory"},
	"integrations": {"catalog", "pricing", "inventory", "channels"},
}

// checkImports answers every import that the house rules forbid.
func checkImports(sources []source) []string {
	var findings []string
	for _, s := range sources {
		for _, imported := range s.imports {
			if target, ours := strings.CutPrefix(imported, modulePath); ours {
				findings = append(findings, checkEdge(s, target)...)
			}
		}
		findings = append(findings, checkDoor(s)...)
	}
	return findings
}

func checkEdge(s source, target string) []string {
	from, to := moduleOf(s.dir()), moduleOf(target)
	problem := ""
	switch {
	case strings.HasPrefix(s.dir(), "internal/platform/") && (to != "" || strings.HasPrefix(target, "internal/app")):
		problem = "platform must know no module"
	case isSideDoor(target) && !maySideDoor(s, target):
		problem = "only internal/app may use a module's side door, and only tests its test kit"
	case from != "" && to != "" && from != to && !slices.Contains(mayImport[from], to):
		problem = "edge is not in mayImport"
	case from != "" && strings.HasPrefix(target, "internal/app"):
		problem = "a module must not know the app"
	}
	if problem == "" {
		return nil
	}
	return []string{fmt.Sprintf("%s imports %s: %s", s.path, target, problem)}
}

// isSideDoor says whether a path is internal/<m>/<m>mod, <m>client or <m>test.
func isSideDoor(dir string) bool {
	module := moduleOf(dir)
	rest := inside(dir)
	return module != "" && (rest == module+"mod" || rest == module+"client" || rest == module+"test")
}

func maySideDoor(s source, target string) bool {
	if moduleOf(s.dir()) == moduleOf(target) {
		return true
	}
	if strings.HasSuffix(target, "test") {
		return s.isTest()
	}
	return strings.HasPrefix(s.dir(), "internal/app") || s.isTest() && moduleOf(s.dir()) == ""
}

// checkDoor holds front doors to being leaves: the standard library, money and coded errors, nothing else.
func checkDoor(s source) []string {
	if moduleOf(s.dir()) == "" || inside(s.dir()) != "" || s.isTest() {
		return nil
	}
	var findings []string
	for _, imported := range s.imports {
		allowed := imported == modulePath+"internal/money" || imported == modulePath+"internal/platform/fault"
		standard := !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
		if !allowed && !standard {
			findings = append(findings, fmt.Sprintf("%s imports %s: a front door imports only money, fault and the standard library", s.path, imported))
		}
	}
	return findings
}

// checkCycles answers a cycle in the module graph, if there is one.
func checkCycles(graph map[string][]string) []string {
	state := map[string]int{}
	var findings []string
	var visit func(module string, path []string)
	visit = func(module string, path []string) {
		if state[module] == 1 {
			findings = append(findings, "cycle: "+strings.Join(append(path, module), " -> "))
			return
		}
		if state[module] == 2 {
			return
		}
		state[module] = 1
		for _, next := range graph[module] {
			visit(next, append(path, module))
		}
		state[module] = 2
	}
	for module := range graph {
		visit(module, nil)
	}
	return findings
}
