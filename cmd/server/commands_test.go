package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/integrations"
)

func TestAMistakeIsDescribedWithItsColumnWhereItHasOne(t *testing.T) {
	in := integrations.RowError{Row: 2, Column: "Image Src", Message: "left out", Code: "picture_link_refused"}
	of := integrations.RowError{Row: 3, Message: "a quote stands in the wrong place", Code: "unreadable_row"}

	assert.Equal(t, "row 2: Image Src: left out (picture_link_refused)", describe(in))
	assert.Equal(t, "row 3: a quote stands in the wrong place (unreadable_row)", describe(of))
}
