// Package docs holds the documents to the code: what the code has and a document does not tell, or tells of something
// that is gone, is a finding. It does not judge what is said, only that it is said.
package docs

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/app/demo"
)

func repository() fs.FS { return os.DirFS("../..") }

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := fs.ReadFile(repository(), name)
	require.NoError(t, err)
	return string(content)
}

// from answers what a reader finds in a tree.
func from[T any](t *testing.T, tree fs.FS, reader func(fs.FS) (T, error)) T {
	t.Helper()
	found, err := reader(tree)
	require.NoError(t, err)
	return found
}

func TestEveryEventIsExplained(t *testing.T) {
	announced := from(t, repository(), events)

	require.NotEmpty(t, announced)
	require.Empty(t, checkEvents(read(t, "docs/events.md"), announced))
}

func TestEveryListenerIsNamedBesideItsEvent(t *testing.T) {
	heard := from(t, repository(), listeners)

	require.NotEmpty(t, heard)
	require.Empty(t, checkListeners(read(t, "docs/events.md"), heard))
	for _, l := range heard {
		require.Contains(t, read(t, "ARCHITECTURE.md"), "`"+l.name+"`")
	}
}

func TestEveryColumnThatMayHoldPersonalDataIsListed(t *testing.T) {
	columns := from(t, repository(), columns)

	require.NotEmpty(t, columns)
	require.Empty(t, checkPersonalData(read(t, "docs/personal-data.md"), columns))
}

func TestEveryStateIsDrawn(t *testing.T) {
	machines := from(t, repository(), machines)

	require.NotEmpty(t, machines)
	require.Empty(t, checkMachines(read(t, "docs/state-machines.md"), machines))
}

func TestEverySettingIsListedWithItsDefault(t *testing.T) {
	require.Empty(t, checkSettings(read(t, "docs/configuration.md"), settings()))
}

func TestEveryCommitThatDoesNotWaitForTheDiskIsExplained(t *testing.T) {
	lazy := from(t, repository(), lazyCommits)

	require.NotEmpty(t, lazy)
	require.Empty(t, checkLazyCommits(read(t, "docs/operations.md"), lazy))
}

func TestTheMapShowsEveryModuleAndWhomItMayCall(t *testing.T) {
	edges := from(t, repository(), mayImport)

	for _, module := range app.Modules() {
		require.Contains(t, edges, module)
	}
	require.Empty(t, checkModules(read(t, "ARCHITECTURE.md"), edges))
}

func TestEveryDirectDependencyHasAReason(t *testing.T) {
	used := from(t, repository(), dependencies)

	require.NotEmpty(t, used)
	require.Empty(t, checkDependencies(read(t, "ARCHITECTURE.md"), used))
}

func TestNoLinkIsDead(t *testing.T) {
	require.Empty(t, from(t, repository(), checkLinks))
}

// The README's command is the banner's, so that it buys something in the shop that "make run" opens.
func TestTheReadmeBuysWhatTheBannerBuys(t *testing.T) {
	banner := template.Must(template.New("banner").Parse(read(t, "internal/app/banner.txt")))
	var shown bytes.Buffer
	require.NoError(t, banner.Execute(&shown, map[string]string{"URL": "http://127.0.0.1:8080", "SKU": demo.FeaturedSKU}))
	_, rest, found := strings.Cut(shown.String(), "Buy something:\n\n")
	require.True(t, found)
	command, _, found := strings.Cut(rest, "\n\n")
	require.True(t, found)

	require.Contains(t, unindented(read(t, "README.md")), unindented(command))
}

func unindented(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

func TestTheReadmeIsOneScreen(t *testing.T) {
	const screen = 60

	require.LessOrEqual(t, strings.Count(read(t, "README.md"), "\n"), screen)
}
