package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

var errNotHTTP = errors.New("the answer is not HTTP/1.1")

// wire is one connection that is kept open. It shares the machine with the server, so it sends prepared bytes and
// reads no more of an answer than it must. The body of an answer is valid until the next one.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

// dial opens a connection that fails, rather than hangs, once patience is over.
func dial(address string, patience time.Duration) (*wire, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}, nil
}

func (w *wire) close() { _ = w.conn.Close() }

// send writes a whole request and reads its answer.
func (w *wire) send(request []byte) (status int, body []byte, err error) {
	if _, err := w.conn.Write(request); err != nil {
		return 0, nil, err
	}
	status, err = w.readStatus()
	if err != nil {
		return 0, nil, err
	}
	length, err := w.readHeader()
	if err != nil {
		return 0, nil, err
	}
	w.body = w.body[:0]
	if length == chunked {
		err = w.readChunks()
	} else {
		err = w.readBody(length)
	}
	return status, w.body, err
}

func (w *wire) readStatus() (int, error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, errNotHTTP
	}
	return number(line[9:12], 10)
}

// chunked stands for a length that is told piece by piece.
const chunked = -1

func (w *wire) readHeader() (length int, err error) {
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return length, nil
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = number(value, 10); err != nil {
				return 0, err
			}
		}
		if bytes.Equal(line, []byte("Transfer-Encoding: chunked")) {
			length = chunked
		}
	}
}

func (w *wire) readChunks() error {
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := number(bytes.TrimRight(line, "\r\n"), 16)
		if err != nil {
			return err
		}
		if err := w.readBody(size); err != nil {
			return err
		}
		if _, err := w.in.ReadSlice('\n'); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}

// readBody adds the next size bytes to the body.
func (w *wire) readBody(size int) error {
	had := len(w.body)
	if need := had + size; need > cap(w.body) {
		grown := make([]byte, had, 2*need)
		copy(grown, w.body)
		w.body = grown
	}
	w.body = w.body[:had+size]
	_, err := io.ReadFull(w.in, w.body[had:])
	return err
}

func number(text []byte, base int) (int, error) {
	n, err := strconv.ParseUint(string(text), base, 31)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errNotHTTP, err)
	}
	return int(n), nil
}

// field is the first string of that name in a JSON text that the server is trusted to write without spaces.
func field(text []byte, name string) string {
	_, rest, found := bytes.Cut(text, []byte(`"`+name+`":"`))
	value, _, closed := bytes.Cut(rest, []byte{'"'})
	if !found || !closed {
		return ""
	}
	return string(value)
}
