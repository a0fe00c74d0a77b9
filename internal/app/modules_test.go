package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
)

func TestEveryModuleCanBeBuiltAlone(t *testing.T) {
	require.ElementsMatch(t, app.Modules(), app.Built())
}
