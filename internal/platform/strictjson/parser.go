package strictjson

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// parser builds the value from tokens, whose syntax has been checked before.
type parser struct {
	dec  *json.Decoder
	path []string
}

func (p *parser) value() (any, error) {
	token, err := p.dec.Token()
	if err != nil {
		return nil, ErrInvalid.Wrap(err)
	}
	switch token := token.(type) {
	case json.Delim:
		if len(p.path) >= MaxDepth {
			return nil, ErrInvalid.Detailf("The body is nested more than %d levels deep.", MaxDepth)
		}
		if token == '[' {
			return p.array()
		}
		return p.object()
	case string:
		return token, p.checkString(token)
	default:
		return token, nil
	}
}

func (p *parser) array() (any, error) {
	values := []any{}
	for p.dec.More() {
		v, err := p.child(strconv.Itoa(len(values)))
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, p.end()
}

func (p *parser) object() (any, error) {
	members := map[string]any{}
	for p.dec.More() {
		token, err := p.dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, ErrInvalid.Wrap(err)
		}
		if err := p.checkName(name, members); err != nil {
			return nil, err
		}
		if members[name], err = p.child(name); err != nil {
			return nil, err
		}
	}
	return members, p.end()
}

func (p *parser) child(step string) (any, error) {
	p.path = append(p.path, step)
	v, err := p.value()
	p.path = p.path[:len(p.path)-1]
	return v, err
}

func (p *parser) end() error {
	if _, err := p.dec.Token(); err != nil {
		return ErrInvalid.Wrap(err)
	}
	return nil
}

func (p *parser) checkName(name string, members map[string]any) error {
	if err := p.checkString(name); err != nil {
		return err
	}
	if _, twice := members[name]; twice {
		pointer := Pointer(append(p.path, name)...)
		return ErrDuplicate.With(fault.Field{Pointer: pointer, Code: ErrDuplicate.Code})
	}
	return nil
}

func (p *parser) checkString(s string) error {
	if !strings.Contains(s, "\x00") {
		return nil
	}
	return ErrInvalid.Detailf("A text holds the character U+0000.").
		With(fault.Field{Pointer: Pointer(p.path...), Code: ErrInvalid.Code})
}
