package fakeprovider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

const journalMode = 0o600

// journal is a file of entries, one JSON object per line.
type journal struct{ file *os.File }

// openJournal opens or makes the file and answers what is in it. A last line without an end was being written when the
// process was killed: nobody was answered, so it is cut off.
func openJournal(path string) (*journal, []Entry, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, journalMode)
	if err != nil {
		return nil, nil, err
	}
	entries, err := readJournal(file)
	if err != nil {
		_ = file.Close()
		return nil, nil, fmt.Errorf("read journal %s: %w", path, err)
	}
	return &journal{file: file}, entries, nil
}

func readJournal(file *os.File) ([]Entry, error) {
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	if err := file.Truncate(int64(whole)); err != nil {
		return nil, err
	}
	var entries []Entry
	for line := range bytes.Lines(content[:whole]) {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// append writes an entry in one piece. It is not flushed to the disk: a killed process loses nothing, a dead machine may.
func (j *journal) append(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) close() error { return j.file.Close() }
