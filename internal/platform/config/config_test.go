package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/config"
)

func TestAnUnknownSettingIsRefusedWithTheNearestName(t *testing.T) {
	known := []string{"RIALTO_ADDR", "RIALTO_METRICS_ADDR", "RIALTO_DATA_DIR"}

	err := config.RefuseUnknown([]string{"HOME=/root", "RIALTO_METRIC_ADDR=:1"}, "RIALTO_", known)

	require.EqualError(t, err, "unknown setting RIALTO_METRIC_ADDR; did you mean RIALTO_METRICS_ADDR?")
}

func TestKnownSettingsAndTheirFilesPass(t *testing.T) {
	known := []string{"RIALTO_ADDR", "RIALTO_SECRET_KEY"}

	err := config.RefuseUnknown([]string{"RIALTO_ADDR=:1", "RIALTO_SECRET_KEY_FILE=/x", "OTHER=1"}, "RIALTO_", known)

	require.NoError(t, err)
}

func TestASecretIsReadFromItsFileWithoutTheLineBreak(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte("s3cret\n"), 0o600))

	values, err := config.FileValues([]string{"RIALTO_SECRET_KEY_FILE=" + path}, []string{"RIALTO_SECRET_KEY"})

	require.NoError(t, err)
	require.Equal(t, map[string]string{"RIALTO_SECRET_KEY": "s3cret"}, values)
}

func TestASecretGivenTwiceIsRefused(t *testing.T) {
	_, err := config.FileValues([]string{"KEY=a", "KEY_FILE=/b"}, []string{"KEY"})

	require.EqualError(t, err, "both KEY and KEY_FILE are set; keep one")
}

func TestAMissingSecretFileIsNamed(t *testing.T) {
	_, err := config.FileValues([]string{"KEY_FILE=/does/not/exist"}, []string{"KEY"})

	require.ErrorContains(t, err, "read KEY_FILE")
}
