package contract

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/strictjson"
)

// Codes of fields. The first two make a body 400: whoever sent it does not know the document. The others
// make it 422: the form is right and the value impossible.
const (
	codeUnknownField = "unknown_field"
	codeInvalidType  = "invalid_type"
	codeRequired     = "required"
	codeInvalidValue = "invalid_value"
)

// maxFields is how many mistakes one answer tells, so that it never grows with the request.
const maxFields = 50

var (
	errUnknownField     = fault.New(codeUnknownField, "The body has a field that does not exist.")
	errInvalidType      = fault.New(codeInvalidType, "A value has the wrong JSON type.")
	errValidationFailed = fault.New("validation_failed", "The body is well formed but not possible.")
)

// refuse returns the fault that tells about fields, or nil when there are none. Wrong form outweighs
// wrong values.
func refuse(fields []fault.Field) error {
	if len(fields) == 0 {
		return nil
	}
	said := fields[:min(len(fields), maxFields)]
	for _, f := range fields {
		switch f.Code {
		case codeUnknownField:
			return errUnknownField.With(said...)
		case codeInvalidType:
			return errInvalidType.With(said...)
		}
	}
	return errValidationFailed.With(said...)
}

// requestRules and answerRules are how schemas are applied in the two directions.
var (
	requestRules = sync.OnceValue(func() []openapi3.SchemaValidationOption { return rules(openapi3.VisitAsRequest()) })
	answerRules  = sync.OnceValue(func() []openapi3.SchemaValidationOption { return rules(openapi3.VisitAsResponse()) })
)

// rules checks formats as strictly as the generated types read them, so that what passes here can be
// decoded there.
func rules(direction openapi3.SchemaValidationOption) []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{
		direction,
		openapi3.MultiErrors(),
		openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(checkDateTime)),
		openapi3.WithStringFormatValidator("date", openapi3.NewCallbackValidator(checkDate)),
		openapi3.WithStringFormatValidator("email", openapi3.NewCallbackValidator(checkEmail)),
	}
}

func checkDateTime(s string) error {
	return new(time.Time).UnmarshalText([]byte(s))
}

func checkDate(s string) error {
	_, err := time.Parse(time.DateOnly, s)
	return err
}

func checkEmail(s string) error {
	address, err := mail.ParseAddress(s)
	if err == nil && address.Address != s {
		return errors.New("has more than an address")
	}
	return err
}

// explain asks schema about a value at path and turns what it says into fields.
func explain(schema *openapi3.Schema, value any, rules []openapi3.SchemaValidationOption, path ...string) []fault.Field {
	var fields []fault.Field
	for _, err := range flattenErrors(schema.VisitJSON(value, rules...)) {
		var one *openapi3.SchemaError
		if !errors.As(err, &one) {
			fields = append(fields, fault.Field{Pointer: strictjson.Pointer(path...), Code: codeInvalidValue, Detail: "is not possible"})
			continue
		}
		place := append(slices.Clip(path), one.JSONPointer()...)
		fields = append(fields, explainOne(one, rules, place)...)
	}
	return fields
}

// explainOne asks the parts of an allOf again, because the whole only says that some part does not match.
// Of the alternatives of an oneOf or anyOf none can be blamed, so they are told as one.
func explainOne(err *openapi3.SchemaError, rules []openapi3.SchemaValidationOption, place []string) []fault.Field {
	if err.SchemaField != "allOf" {
		return []fault.Field{{Pointer: strictjson.Pointer(place...), Code: codeOf(err.SchemaField), Detail: detail(err)}}
	}
	var fields []fault.Field
	for _, part := range err.Schema.AllOf {
		fields = append(fields, explain(part.Value, err.Value, rules, place...)...)
	}
	return fields
}

func flattenErrors(err error) []error {
	several, ok := err.(openapi3.MultiError) //nolint:errorlint // VisitJSON does not wrap it
	if !ok {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	for _, e := range several {
		all = append(all, flattenErrors(e)...)
	}
	return all
}

// codeOf sorts the keywords of a schema. A word that is not in an enum counts as a wrong type: the
// client was written for another document.
func codeOf(keyword string) string {
	switch keyword {
	case "type", "nullable", "enum":
		return codeInvalidType
	case "properties", "readOnly":
		return codeUnknownField
	case "required":
		return codeRequired
	default:
		return codeInvalidValue
	}
}

// detail says what a schema demands, never what was sent.
func detail(err *openapi3.SchemaError) string {
	s := err.Schema
	switch err.SchemaField {
	case "required":
		return "is required"
	case "nullable":
		return "must not be null"
	case "type":
		return "must be " + typeName(strings.Join(s.Type.Slice(), " "))
	case "enum":
		return "must be one of " + strings.Trim(fmt.Sprint(s.Enum), "[]")
	case "minimum":
		return "must be at least " + number(*s.Min)
	case "maximum":
		return "must be at most " + number(*s.Max)
	case "minLength":
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %d characters", *s.MaxLength)
	case "minItems":
		return fmt.Sprintf("must have at least %d items", s.MinItems)
	case "maxItems":
		return fmt.Sprintf("must have at most %d items", *s.MaxItems)
	case "pattern":
		return "must match " + s.Pattern
	case "format":
		return "must be a valid " + s.Format
	default:
		return err.Reason
	}
}

func typeName(t string) string {
	switch t {
	case openapi3.TypeBoolean:
		return "true or false"
	case openapi3.TypeInteger, openapi3.TypeArray, openapi3.TypeObject:
		return "an " + t
	default:
		return "a " + t
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// shorten keeps an answer from repeating a very long name, or one with what this API itself refuses in JSON.
func shorten(name string) string {
	const longest = 100
	if len(name) > longest {
		name = name[:longest] + "..."
	}
	return strings.ReplaceAll(strings.ToValidUTF8(name, "?"), "\x00", "?")
}
