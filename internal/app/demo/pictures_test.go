package demo_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/demo"
)

func TestEveryProductHasItsOwnPicture(t *testing.T) {
	drawn := map[string]string{}
	for _, p := range loaded(t).shelves.saved {
		require.Len(t, p.Media, 1, p.Handle)
		picture := p.Media[0]
		assert.Equal(t, "/media/demo/"+p.Handle+".svg", picture.URL)
		assert.NotEmpty(t, picture.Alt, p.Handle)
		assert.Equal(t, []int{800, 800}, []int{picture.Width, picture.Height})

		svg, ok := demo.Picture(p.Handle + ".svg")

		require.True(t, ok, p.Handle)
		assert.Empty(t, drawn[string(svg)], "%s looks like it", p.Handle)
		drawn[string(svg)] = p.Handle
		requireDrawing(t, string(svg))
		assert.Contains(t, string(svg), "<title>"+picture.Alt+"</title>")
	}
}

var color = regexp.MustCompile(`(?:fill|stroke)="([^"]*)"`)

// requireDrawing checks that a picture is well-formed, has the size it says, and paints with real colors.
func requireDrawing(t *testing.T, svg string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	elements := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
	assert.Greater(t, elements, 8)
	assert.Contains(t, svg, `width="800" height="800"`)
	for _, found := range color.FindAllStringSubmatch(svg, -1) {
		assert.Regexp(t, `^(none|#[0-9a-f]{3}([0-9a-f]{3})?)$`, found[1])
	}
}

func TestThereAreNoOtherPictures(t *testing.T) {
	for _, file := range []string{"", ".svg", "frame.svg", "tee.svg", "harbor-tee", "harbor-tee.png", "../harbor-tee.svg"} {
		_, ok := demo.Picture(file)

		assert.False(t, ok, file)
	}
}
