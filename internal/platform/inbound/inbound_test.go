package inbound_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/inbound"
)

func TestAContextRemembersTheRequestItBelongsTo(t *testing.T) {
	ctx := inbound.With(context.Background(), "req-1")

	assert.Equal(t, "req-1", inbound.RequestID(ctx))
}

func TestOutsideOfARequestThereIsNoID(t *testing.T) {
	assert.Empty(t, inbound.RequestID(context.Background()))
}
