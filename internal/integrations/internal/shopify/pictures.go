package shopify

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// Picture is a link to a picture.
type Picture struct {
	Line int
	URL  string
	Alt  string
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
	for _, row := range d.rows {
		picture, ok := d.picture(row)
		again := slices.ContainsFunc(found, func(p placedPicture) bool { return p.URL == picture.URL })
		if ok && !again {
			found = append(found, picture)
		}
	}
	slices.SortStableFunc(found, func(a, b placedPicture) int { return cmp.Compare(a.position, b.position) })
	for _, p := range found {
		d.product.Pictures = append(d.product.Pictures, p.Picture)
	}
}

func (d *draft) picture(r row) (placedPicture, bool) {
	url := r.cell(colImage)
	if url == "" {
		return placedPicture{}, false
	}
	if !pictureLink.MatchString(url) {
		d.refusePicture(r, fmt.Sprintf("%.64q is not an http or https link", url))
		return placedPicture{}, false
	}
	return placedPicture{Picture{Line: r.line, URL: url, Alt: r.cell(colImageAlt)}, d.position(r)}, true
}

// refusePicture skips a row that has nothing else.
func (d *draft) refusePicture(r row, message string) {
	if isVariant(r) {
		d.note(r, colImage, message+"; left out")
		return
	}
	d.skip(r, &cellError{colImage, message})
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
