package httpapi

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNoCellOfTheErrorFileIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		"":               "",
		"tea-pot":        "tea-pot",
		"a = b":          "a = b",
		"=1+1":           "'=1+1",
		"+1":             "'+1",
		"-1":             "'-1",
		"@sum(a)":        "'@sum(a)",
		"\t=1":           "\t'=1",
		"\r=1":           "\r'=1",
		"x;=1;;@2":       "x;'=1;;'@2",
		"a; =1;  +2":     "a; '=1;  '+2",
		"x;\"=1;\" \"@2": "x;\"'=1;\" \"'@2",
		"\"=1":           "\"'=1",
		" =1":            " '=1",
		"x\t=1":          "x\t'=1",
		"two\n=1\r\n+2":  "two\n'=1\r\n'+2",
		"\v=1":           "\v'=1",
		"\u00a0=1":       "\u00a0'=1",
		"\ufeff+1":       "\ufeff'+1",
		"\x00=1":         "\x00'=1",
		"＝1":             "'＝1",
		"x;＠sum":         "x;'＠sum",
		"\t\t=cmd;\t-1,": "\t\t'=cmd;\t'-1,",
	} {
		assert.Equal(t, want, harmless(cell), "%q", cell)
	}
}
