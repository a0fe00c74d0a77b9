package receiving

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/rialto-commerce/rialto/internal/integrations"
)

// errEnded is how io.ReadFull tells of a last piece that is not full.
var errEnded = io.ErrUnexpectedEOF

const startBytes = 512

// decoded is the text of a file in UTF-8 without a byte order mark. Files in UTF-16 with one are translated; what is no text
// in either ends with integrations.ErrInvalidFile.
func decoded(file io.Reader) (io.Reader, error) {
	whole := &wholeFile{source: file}
	buffered := bufio.NewReader(whole)
	start, err := buffered.Peek(startBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("\x1f\x8b")), bytes.HasPrefix(start, []byte("%PDF")):
		return nil, integrations.ErrInvalidFile.Detailf("this is no CSV file; open it in a spreadsheet and save it as CSV (UTF-8)")
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, _ = buffered.Discard(3) // They are in the buffer already.
	case bytes.HasPrefix(start, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(start, []byte("\x00\x00\xfe\xff")):
		return nil, integrations.ErrInvalidFile.Detailf("the file is UTF-32; save it as CSV (UTF-8)")
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		utf16 := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
		return &checked{source: transform.NewReader(buffered, utf16.NewDecoder()), line: 1}, nil
	case bytes.IndexByte(start, 0) >= 0:
		return nil, integrations.ErrInvalidFile.Detailf("the file is not UTF-8 text; save it as CSV (UTF-8)")
	}
	return &checked{source: buffered, line: 1}, nil
}

// wholeFile tells a sender that broke off, which ends with io.ErrUnexpectedEOF, from a last piece that is not full.
type wholeFile struct{ source io.Reader }

var errBrokeOff = errors.New("the file broke off")

// Read implements io.Reader.
func (w *wholeFile) Read(p []byte) (int, error) {
	n, err := w.source.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errBrokeOff
	}
	return n, err
}

// checked passes on what is UTF-8, and names the line of what is not.
type checked struct {
	source io.Reader
	line   int
	buffer [32 << 10]byte
	// ready is what was checked and not yet passed on; rest is the beginning of a character whose end has not come yet.
	ready []byte
	rest  []byte
	err   error
}

// Read implements io.Reader.
func (c *checked) Read(p []byte) (int, error) {
	for len(c.ready) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.fill()
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

func (c *checked) fill() {
	kept := copy(c.buffer[:], c.rest)
	n, err := c.source.Read(c.buffer[kept:])
	text := c.buffer[:kept+n]
	c.rest, c.err = nil, err
	if err == nil {
		whole := len(text) - unfinished(text)
		c.rest = bytes.Clone(text[whole:])
		text = text[:whole]
	}
	if !utf8.Valid(text) {
		c.err = c.refuse(text)
		return
	}
	c.line += bytes.Count(text, []byte{'\n'})
	c.ready = text
}

// unfinished is how many bytes at the end begin a character that goes on.
func unfinished(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if b := text[len(text)-n]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRune(text[len(text)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

func (c *checked) refuse(text []byte) error {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size <= 1 {
			break
		}
		if r == '\n' {
			c.line++
		}
		text = text[size:]
	}
	return integrations.ErrInvalidFile.Detailf("line %d is not UTF-8 text; the file may be in Latin-1 or Windows-1252: save it as CSV (UTF-8)", c.line)
}
