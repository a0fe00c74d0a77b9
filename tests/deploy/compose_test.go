package deploy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// composition is the part of a compose file that is checked.
type composition struct {
	Services map[string]service `yaml:"services"`
	Volumes  map[string]any     `yaml:"volumes"`
}

type service struct {
	Build       string                       `yaml:"build"`
	Image       string                       `yaml:"image"`
	Environment map[string]string            `yaml:"environment"`
	Ports       []string                     `yaml:"ports"`
	Volumes     []string                     `yaml:"volumes"`
	DependsOn   map[string]map[string]string `yaml:"depends_on"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

// lintCompose answers what is wrong with a compose file: settings are the names that the server knows, exposed is the
// port of its image.
func lintCompose(text string, settings []string, exposed string) []string {
	var file composition
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return []string{"it does not parse: " + err.Error()}
	}
	var findings []string
	for _, name := range slices.Sorted(maps.Keys(file.Services)) {
		s := file.Services[name]
		findings = append(findings, lintSecrets(name, s)...)
		findings = append(findings, lintVolumes(name, s, file.Volumes)...)
		if s.Build == "" {
			findings = append(findings, lintReference(s.Image)...)
		}
	}
	return append(findings, lintApp(file, settings, exposed)...)
}

func lintApp(file composition, settings []string, exposed string) []string {
	app, ok := file.Services["app"]
	if !ok {
		return []string{"there is no service named app"}
	}
	var findings []string
	for name := range app.Environment {
		if !slices.Contains(settings, name) {
			findings = append(findings, name+" is no setting of the server")
		}
	}
	for _, name := range []string{"DATABASE_URL", "RIALTO_SECRET_KEY"} {
		if app.Environment[name] == "" && app.Environment[name+"_FILE"] == "" {
			findings = append(findings, name+" is not set, and the server needs it")
		}
	}
	if app.Build != "." {
		findings = append(findings, "the app is not built from this repository")
	}
	findings = append(findings, lintPorts(app, exposed)...)
	return append(findings, lintDatabase(file, app)...)
}

func lintPorts(app service, exposed string) []string {
	var findings []string
	if len(app.Ports) == 0 {
		findings = append(findings, "the app publishes no port")
	}
	for _, published := range app.Ports {
		if inside := published[strings.LastIndex(published, ":")+1:]; inside != exposed {
			findings = append(findings, fmt.Sprintf("port %s is published, but the image exposes %s", inside, exposed))
		}
		if !strings.HasPrefix(published, "127.0.0.1:") {
			findings = append(findings, "port "+published+" is open to the network, without TLS")
		}
	}
	return findings
}

// lintDatabase checks that the app starts after a PostgreSQL that is well, and talks to that one.
func lintDatabase(file composition, app service) []string {
	for name, terms := range app.DependsOn {
		database := file.Services[name]
		if !strings.HasPrefix(database.Image, "postgres:") {
			continue
		}
		switch {
		case terms["condition"] != "service_healthy":
			return []string{"the app does not wait until " + name + " is healthy"}
		case !slices.Contains(database.Healthcheck.Test, "pg_isready"):
			return []string{name + " has no health check to wait for"}
		case !strings.Contains(app.Environment["DATABASE_URL"], "@"+name+":"):
			return []string{"the app waits for " + name + " and uses another database"}
		}
		return nil
	}
	return []string{"the app depends on no PostgreSQL"}
}

var (
	// required is a value that must come from the environment: ${NAME:?why}. A default would be a secret in the file.
	required = regexp.MustCompile(`^\$\{[A-Z_]+:\?[^}]+\}$`)
	// credentials are the user and the password of a URL.
	credentials = regexp.MustCompile(`^[a-z]+://[^:/@]+:(\$\{[^}]+\}|[^@]*)@`)
)

func lintSecrets(name string, s service) []string {
	var findings []string
	for variable, value := range s.Environment {
		if !secretName.MatchString(variable) || strings.HasSuffix(variable, "_FILE") {
			continue
		}
		if inURL := credentials.FindStringSubmatch(value); inURL != nil {
			value = inURL[1]
		}
		if !required.MatchString(value) {
			findings = append(findings, fmt.Sprintf("%s: %s is not taken from the environment", name, variable))
		}
	}
	return findings
}

// lintVolumes checks that a database keeps its data in a volume that the file declares.
func lintVolumes(name string, s service, declared map[string]any) []string {
	if !strings.HasPrefix(s.Image, "postgres:") {
		return nil
	}
	for _, mounted := range s.Volumes {
		volume, place, _ := strings.Cut(mounted, ":")
		if _, ok := declared[volume]; ok && place == "/var/lib/postgresql/data" {
			return nil
		}
	}
	return []string{name + " keeps its data in no declared volume"}
}
