package fetching

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

const (
	maxSide   = 20_000
	maxPixels = 100_000_000
)

// ErrNoPicture answers what is no picture that a shop shows, whatever it calls itself.
var ErrNoPicture = fault.New("no_picture", "what is behind the link is no picture")

// measure tells what a picture is by its own bytes: a JPEG, PNG, GIF or WebP. SVG is a program and no picture here. Nothing
// is decoded but the size.
func measure(content []byte) (contentType string, width, height int, err error) {
	contentType = http.DetectContentType(content)
	readers := map[string]func(io.Reader) (image.Config, error){
		"image/jpeg": jpeg.DecodeConfig, "image/png": png.DecodeConfig, "image/gif": gif.DecodeConfig, "image/webp": webpConfig,
	}
	read := readers[contentType]
	if read == nil {
		return "", 0, 0, ErrNoPicture.Detailf("what is behind the link is neither JPEG, PNG, GIF nor WebP")
	}
	config, err := read(bytes.NewReader(content))
	if err != nil {
		return "", 0, 0, ErrNoPicture.Detailf("the picture is broken").Wrap(err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxSide || config.Height > maxSide || config.Width*config.Height > maxPixels {
		return "", 0, 0, ErrNoPicture.Detailf("the picture has %d x %d pixels", config.Width, config.Height)
	}
	return contentType, config.Width, config.Height, nil
}

// Places in the header of a WebP file (RFC 9649): the kind of the first chunk, and its content.
const (
	webpHeader = 30
	webpKind   = 12
	webpStart  = 20
)

// webpConfig reads the size of a WebP: of the canvas, of a lossless or of a lossy picture.
func webpConfig(r io.Reader) (image.Config, error) {
	var header [webpHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return image.Config{}, err
	}
	start := header[webpStart:]
	switch string(header[webpKind : webpKind+4]) {
	case "VP8X":
		return image.Config{Width: 1 + uint24(start[4:]), Height: 1 + uint24(start[7:])}, nil
	case "VP8L":
		bits := binary.LittleEndian.Uint32(start[1:])
		return image.Config{Width: 1 + int(bits&0x3fff), Height: 1 + int(bits>>14&0x3fff)}, nil
	case "VP8 ":
		width, height := binary.LittleEndian.Uint16(start[6:]), binary.LittleEndian.Uint16(start[8:])
		return image.Config{Width: int(width & 0x3fff), Height: int(height & 0x3fff)}, nil
	}
	return image.Config{}, image.ErrFormat
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
