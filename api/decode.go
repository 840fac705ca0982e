package api

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/click2call/click2call/api/media"
	"github.com/click2call/click2call/api/problem"
)

const (
	maxText        = 128 // characters of a text field
	maxFieldErrors = 50
	maxFieldName   = 64
)

// object is a JSON object being read field by field, so that all its wrong fields can be named at once.
type object struct {
	values map[string]jsontext.Value
	wrong  []problem.Field
}

// readObject reads the request's body as one JSON object. It is strict where encoding/json is not: duplicate names,
// invalid UTF-8 and data after the object are refused, for another reader of the same bytes may understand them differently.
func readObject(w http.ResponseWriter, r *http.Request) (*object, error) {
	if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return parseObject(body)
}

func parseObject(body []byte) (*object, error) {
	o := &object{}
	if err := json.Unmarshal(media.WithoutMark(body), &o.values); err != nil {
		return nil, &problem.Error{Code: problem.InvalidBody, Detail: explain(err)}
	}
	if o.values == nil { // the literal null
		return nil, problem.Refuse(problem.InvalidBody)
	}
	return o, nil
}

// explain says what is wrong without repeating any of the body's values.
func explain(err error) string {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Sprintf("The field %s is there twice: send it once.", clip(syntax.JSONPointer.LastToken()))
		}
		return fmt.Sprintf("The body is not valid JSON in UTF-8 at byte %d: send one JSON object.", syntax.ByteOffset)
	}
	return ""
}

func checkContentType(header string) error {
	if !media.IsJSON(header) {
		return problem.Refuse(problem.UnsupportedMedia)
	}
	return nil
}

// readBody reads at most maxBody bytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, problem.Refuse(problem.BodyTooLarge)
	}
	if err != nil {
		return nil, &problem.Error{Code: problem.InvalidBody, Detail: "The body broke off: send it again.", Cause: fmt.Errorf("read body: %w", err)}
	}
	return body, nil
}

// need says which strings a text field may hold.
type need int

const (
	mayBeEmpty   need = iota
	mayBeMissing      // but not empty
	mustBeGiven       // and not empty
)

// text takes a field that must be a string of at most limit characters. It returns nil when the field is missing or
// wrong. Null is missing: many a CRM writes what it does not have that way.
func (o *object) text(name string, limit int, n need) *string {
	raw, given := o.values[name]
	delete(o.values, name)
	if !given || raw.Kind() == 'n' {
		if n == mustBeGiven {
			o.refuse(name, "is required")
		}
		return nil
	}
	var value string
	if raw.Kind() != '"' || json.Unmarshal(raw, &value) != nil {
		o.refuse(name, "must be a string, in quotes")
		return nil
	}
	if message := textFault(value, limit, n); message != "" {
		o.refuse(name, message)
		return nil
	}
	return &value
}

// textFault says what is wrong with a text, or nothing. Control characters and line separators are refused because
// these texts end up in logs, headers of other systems, and screens.
func textFault(s string, limit int, n need) string {
	switch {
	case !utf8.ValidString(s):
		return "must be valid UTF-8"
	case n != mayBeEmpty && strings.TrimSpace(s) == "":
		return "must not be empty"
	case utf8.RuneCountInString(s) > limit:
		return fmt.Sprintf("must have at most %d characters", limit)
	case strings.ContainsFunc(s, unprintable):
		return "must not hold control characters or line breaks"
	default:
		return ""
	}
}

func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp)
}

// refuseRest refuses every field that was not taken, with the hint that hints has for it.
func (o *object) refuseRest(hints map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(o.values)) {
		message, known := hints[name]
		if !known {
			message = "is not a field of this request: remove it, or correct its spelling"
		}
		o.refuse(name, message)
	}
}

func (o *object) refuse(field, message string) {
	if len(o.wrong) < maxFieldErrors {
		o.wrong = append(o.wrong, problem.Field{Field: clip(field), Message: message})
	}
}

// check refuses the field when a rule of package call did.
func (o *object) check(field string, err error) {
	if err != nil {
		o.refuse(field, err.Error())
	}
}

// err is the problem that names every wrong field, or nil.
func (o *object) err() error {
	if len(o.wrong) == 0 {
		return nil
	}
	return problem.Invalid(o.wrong...)
}

// clip shortens a name that a client made up.
func clip(name string) string {
	if runes := []rune(name); len(runes) > maxFieldName {
		return string(runes[:maxFieldName]) + "…"
	}
	return name
}
