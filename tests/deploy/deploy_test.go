// Package deploy reads the files that run Rialto elsewhere (Dockerfile, docker-compose.yml, .ci/run) and finds in them
// what would fail there, because the tests have no container engine to run them with. It starts no container.
package deploy

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const root = "../.."

func TestMain(m *testing.M) { shop.Main(m) }

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(root + "/" + name)
	require.NoError(t, err)
	return string(content)
}

// settings are the environment variables that the server knows.
func settings() []string {
	var names []string
	config := reflect.TypeFor[app.Config]()
	for i := range config.NumField() {
		if name := config.Field(i).Tag.Get("env"); name != "" {
			names = append(names, name, name+"_FILE")
		}
	}
	for _, module := range app.Modules() {
		names = append(names, strings.ToUpper(module)+"_DATABASE_URL", strings.ToUpper(module)+"_URL")
	}
	return names
}

func TestTheDockerfileMakesAnImageThatRuns(t *testing.T) {
	require.Empty(t, lintDockerfile(os.DirFS(root), read(t, "Dockerfile")))
}

func TestTheComposeFileRunsTheImageOnADatabase(t *testing.T) {
	exposed := parseDockerfile(read(t, "Dockerfile")).last("EXPOSE")

	require.Empty(t, lintCompose(read(t, "docker-compose.yml"), settings(), exposed))
}

func TestTheImagesHealthCheckTellsAReadyServerFromAnother(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/readyz", r.URL.Path)
		w.WriteHeader(status)
	}))
	defer server.Close()
	check := func() error {
		cmd := exec.Command(shop.Binary(t), parseDockerfile(read(t, "Dockerfile")).healthcheck()[1:]...)
		cmd.Env = []string{"RIALTO_ADDR=" + strings.TrimPrefix(server.URL, "http://")}
		return cmd.Run()
	}

	require.NoError(t, check())
	status = http.StatusServiceUnavailable
	require.Error(t, check())
}

func TestWhatDecidesAboutAChangeIsMakeCheckWithAllTests(t *testing.T) {
	info, err := os.Stat(root + "/.ci/run")
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&0o100, ".ci/run cannot be executed")
	require.Regexp(t, `(?m)^make check$`, read(t, ".ci/run"))
	require.Regexp(t, `(?m)^check:.*\btest\b`, read(t, "Makefile"))
}

func TestTheReadmeNamesTheCommandsThatExist(t *testing.T) {
	readme, makefile := read(t, "README.md"), read(t, "Makefile")
	for _, command := range []string{"run", "test"} {
		require.Contains(t, readme, "make "+command)
	}
	for _, named := range regexp.MustCompile("(?:`|^)make ([a-z-]+)").FindAllStringSubmatch(readme, -1) {
		require.Regexp(t, `(?m)^`+named[1]+`:`, makefile, "the README names make %s", named[1])
	}
}

func TestPlantedFaultsOfADockerfileAreCaught(t *testing.T) {
	good := read(t, "Dockerfile")
	for _, c := range []struct{ name, was, is, want string }{
		{"it runs as root", "USER 65532:65532\n", "", "the container runs as root"},
		{"it says that it runs as root", "USER 65532:65532", "USER root", "the container runs as root"},
		{"a base without a version", "golang:1.26-bookworm", "golang:latest", "the image golang:latest has no version"},
		{"an older Go than go.mod asks for", "golang:1.26-bookworm", "golang:1.25-bookworm", "which go.mod asks for"},
		{"a shell around the server", `ENTRYPOINT ["/server"]`, `ENTRYPOINT /server`, "the entry point is not the server"},
		{"another health check", `"healthcheck"`, `"version"`, "the health check is not the server's own"},
		{"another port", "EXPOSE 8080", "EXPOSE 80", "the port that is exposed is not the one"},
		{"a source that is gone", "COPY api api", "COPY apis apis", "COPY of apis, which does not exist"},
		{"a source that is ignored", "COPY api api", "COPY docs docs", "COPY of docs, which .dockerignore leaves out"},
		{"a stage that is gone", "AS build", "AS builder", "COPY from build, which is no stage"},
		{"a secret", "ENV RIALTO_ADDR=:8080", "ENV RIALTO_ADDR=:8080\nENV RIALTO_SECRET_KEY=abc", "a secret in the image"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, good, c.was)

			findings := lintDockerfile(os.DirFS(root), strings.Replace(good, c.was, c.is, 1))

			require.Contains(t, strings.Join(findings, "\n"), c.want)
		})
	}
}

func TestPlantedFaultsOfAComposeFileAreCaught(t *testing.T) {
	good := read(t, "docker-compose.yml")
	for _, c := range []struct{ name, was, is, want string }{
		{"it is no YAML", "services:", "services: {", "it does not parse"},
		{"a setting the server does not know", "RIALTO_METRICS_ADDR:", "RIALTO_METRIC_ADDR:", "RIALTO_METRIC_ADDR is no setting of the server"},
		{"a setting it needs is missing", "RIALTO_SECRET_KEY: $", "RIALTO_BASE: $", "RIALTO_SECRET_KEY is not set"},
		{"it does not wait for the database", "service_healthy", "service_started", "does not wait until postgres is healthy"},
		{"the database has no health check", "pg_isready", "true", "postgres has no health check to wait for"},
		{"it uses another database", "@postgres:5432", "@elsewhere:5432", "uses another database"},
		{"a database without a version", "postgres:15-bookworm", "postgres", "the image postgres has no version"},
		{"data that goes with the container", "postgres-data:/var", "lost:/var", "keeps its data in no declared volume"},
		{"another port", ":8080:8080", ":8080:80", "port 80 is published, but the image exposes 8080"},
		{"a port that is open to all", `"127.0.0.1:8080:8080"`, `"8080:8080"`, "open to the network"},
		{"a secret", "POSTGRES_PASSWORD: $", "POSTGRES_PASSWORD: abc$", "POSTGRES_PASSWORD is not taken from the environment"},
		{"a secret by default", "${RIALTO_SECRET_KEY:?", "${RIALTO_SECRET_KEY:-", "RIALTO_SECRET_KEY is not taken from the environment"},
		{"a secret in a URL", "rialto:${POSTGRES_PASSWORD:?see the top of docker-compose.yml}@", "rialto:rialto@",
			"DATABASE_URL is not taken from the environment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, good, c.was)

			findings := lintCompose(strings.Replace(good, c.was, c.is, 1), settings(), "8080")

			require.Contains(t, strings.Join(findings, "\n"), c.want)
		})
	}
}
