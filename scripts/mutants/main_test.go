package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryBugCanBePlanted keeps the patches as new as the code.
func TestEveryBugCanBePlanted(t *testing.T) {
	t.Chdir("../..")
	mutants, err := read("")
	require.NoError(t, err)
	patches, err := filepath.Glob("tests/mutants/*.patch")
	require.NoError(t, err)
	require.Len(t, mutants, len(patches))
	for _, m := range mutants {
		output, err := exec.Command("git", "apply", "--check", "tests/mutants/"+m.name+".patch").CombinedOutput()
		require.NoError(t, err, "%s: %s", m.name, output)
	}
}
