package shopify

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/integrations"
)

// Picture is a link to a picture. Alone says that its row holds nothing else.
type Picture struct {
	Line  int
	URL   string
	Alt   string
	Alone bool
}

var pictureLink = regexp.MustCompile(`^https?://[^\s]+$`)

type placedPicture struct {
	Picture

	position int
}

// readPictures collects the pictures of all rows, each link once, in the order of their positions; those without one
// come last.
func (d *draft) readPictures() {
	var found []placedPicture
	known := map[string]bool{}
	for _, row := range d.rows {
		picture, ok := d.picture(row)
		if ok && !known[picture.URL] {
			known[picture.URL] = true
			found = append(found, picture)
		}
	}
	slices.SortStableFunc(found, func(a, b placedPicture) int { return cmp.Compare(a.position, b.position) })
	for _, p := range found {
		d.product.Pictures = append(d.product.Pictures, p.Picture)
	}
}

func (d *draft) picture(r row) (placedPicture, bool) {
	url := r.cell(ColImage)
	if url == "" || r.unreadable != "" {
		return placedPicture{}, false
	}
	alone := !isVariant(r)
	if !pictureLink.MatchString(url) {
		d.problems = append(d.problems, Problem{Skips: alone, RowError: integrations.RowError{Row: r.line, Column: r.nameOf(ColImage),
			Code: integrations.CodePictureRefused, Message: fmt.Sprintf("%.64q is not an http or https link; left out", url)}})
		return placedPicture{}, false
	}
	return placedPicture{Picture{Line: r.line, URL: url, Alt: r.cell(colImageAlt), Alone: alone}, d.position(r)}, true
}

func (d *draft) position(r row) int {
	text := r.cell(colImagePosition)
	if text == "" {
		return math.MaxInt
	}
	position, err := strconv.Atoi(text)
	if err != nil {
		d.note(r, colImagePosition, fmt.Sprintf("%.32q is not a position; the picture comes last", text))
		return math.MaxInt
	}
	return position
}
