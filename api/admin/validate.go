package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/media"
	"github.com/click2call/click2call/api/problem"
)

const maxFieldErrors = 50

// validate refuses a request that does not conform to openapi.yaml, naming every wrong field. What passes has the
// types, lengths and ranges that the document says.
func (a *API) validate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op := a.operations.of(r)
		fields := wrongParameters(op, r)
		if op.spec.RequestBody != nil && !op.streamedBody && (op.spec.RequestBody.Value.Required || hasBody(r)) {
			raw, wrong, err := readBody(op, w, r)
			if err != nil {
				a.problem(w, r, err)
				return
			}
			fields = append(fields, wrong...)
			r = r.WithContext(context.WithValue(r.Context(), bodyKey{}, raw))
		}
		if len(fields) > 0 {
			a.problem(w, r, problem.Invalid(fields[:min(len(fields), maxFieldErrors)]...))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func wrongParameters(op *operation, r *http.Request) (wrong []problem.Field) {
	query := r.URL.Query()
	for name, values := range query {
		switch {
		case op.spec.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil:
			wrong = append(wrong, problem.Field{Field: shorten(name), Message: "is not a parameter of this request: remove it, or correct its spelling"})
		case len(values) > 1:
			wrong = append(wrong, problem.Field{Field: name, Message: "must be given once"})
		}
	}
	input := &openapi3filter.RequestValidationInput{Request: r, QueryParams: query, Options: &openapi3filter.Options{SkipSettingDefaults: true}}
	for _, p := range op.spec.Parameters {
		if p.Value.In != openapi3.ParameterInQuery || len(query[p.Value.Name]) > 1 {
			continue
		}
		if err := openapi3filter.ValidateParameter(r.Context(), input, p.Value); err != nil {
			wrong = append(wrong, problem.Field{Field: p.Value.Name, Message: parameterFault(p.Value, err)})
		}
	}
	slices.SortFunc(wrong, func(x, y problem.Field) int { return strings.Compare(x.Field, y.Field) })
	return wrong
}

func parameterFault(p *openapi3.Parameter, err error) string {
	if schema, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		return fault(schema)
	}
	if p.Schema.Value.Type.Is("integer") {
		return "must be a whole number"
	}
	return "is required"
}

func hasBody(r *http.Request) bool { return r.ContentLength != 0 }

type bodyKey struct{}

// readBody reads the request's body and compares it with its schema. It is strict where encoding/json is not: duplicate names,
// invalid UTF-8 and data after the value are refused.
func readBody(op *operation, w http.ResponseWriter, r *http.Request) (raw []byte, wrong []problem.Field, err error) {
	if !media.IsJSON(r.Header.Get("Content-Type")) {
		return nil, nil, problem.Refuse(problem.UnsupportedMedia)
	}
	raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, op.maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, nil, problem.Refuse(problem.BodyTooLarge)
	}
	if err != nil {
		return nil, nil, &problem.Error{Code: problem.InvalidBody, Detail: "The body broke off: send it again.", Cause: fmt.Errorf("read body: %w", err)}
	}
	raw = media.WithoutMark(raw)
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, nil, problem.RefuseWith(problem.InvalidBody, explain(err))
	}
	schema := op.spec.RequestBody.Value.Content["application/json"].Schema.Value
	return raw, schemaFaults(schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsRequest())), nil
}

// explain says what is wrong without repeating any of the body's values.
func explain(err error) string {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Sprintf("The field %s is there twice: send it once.", shorten(syntax.JSONPointer.LastToken()))
		}
		return fmt.Sprintf("The body is not valid JSON in UTF-8 at byte %d: send one JSON object.", syntax.ByteOffset)
	}
	return ""
}

func schemaFaults(err error) (wrong []problem.Field) {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case err == nil:
	case errors.As(err, &many):
		for _, err := range many {
			wrong = append(wrong, schemaFaults(err)...)
		}
	case errors.As(err, &one):
		path := one.JSONPointer()
		// An unknown property is an error of the object that holds it.
		if name, unknown := strings.CutSuffix(strings.TrimPrefix(one.Reason, `property "`), `" is unsupported`); unknown {
			path = append(path, name)
		}
		wrong = append(wrong, problem.Field{Field: shorten(strings.Join(path, ".")), Message: fault(one)})
	default:
		wrong = append(wrong, problem.Field{Field: "body", Message: "is not what this request needs"})
	}
	return wrong
}

// fault says in plain words what the schema asks for. It never repeats the value.
func fault(e *openapi3.SchemaError) string {
	s := e.Schema
	switch e.SchemaField {
	case "required":
		return "is required"
	case "properties", "additionalProperties":
		return "is not a field of this request: remove it, or correct its spelling"
	case "type":
		return "must be " + article(s)
	case "enum":
		options := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			options = append(options, fmt.Sprint(v))
		}
		return "must be one of " + strings.Join(options, ", ")
	case "minLength":
		if s.MinLength == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %d characters", *s.MaxLength)
	case "minimum", "maximum":
		return fmt.Sprintf("must be between %v and %v", bound(s.Min), bound(s.Max))
	case "minItems":
		return fmt.Sprintf("must have at least %d entries", s.MinItems)
	case "maxItems":
		return fmt.Sprintf("must have at most %d entries", *s.MaxItems)
	case "maxProperties":
		return fmt.Sprintf("must have at most %d entries", *s.MaxProps)
	case "uniqueItems":
		return "must not name anything twice"
	case "minProperties":
		return "must change something"
	case "format":
		return "must be a moment such as 2026-11-01T00:00:00Z"
	case "pattern":
		return "must match " + s.Pattern
	default:
		return "is not what this request needs"
	}
}

func article(s *openapi3.Schema) string {
	switch {
	case s.Type.Is("string"):
		return "a string, in quotes"
	case s.Type.Is("integer"):
		return "a whole number"
	case s.Type.Is("boolean"):
		return "true or false"
	case s.Type.Is("array"):
		return "a list"
	default:
		return "an object"
	}
}

func bound(v *float64) any {
	if v == nil {
		return "any number"
	}
	return int64(*v)
}

// body returns the request's body, which validate has checked.
func body[T any](r *http.Request) (v T, err error) {
	raw, _ := r.Context().Value(bodyKey{}).([]byte)
	if err := json.UnmarshalRead(bytes.NewReader(raw), &v); err != nil {
		return v, problem.Refuse(problem.InvalidBody)
	}
	return v, nil
}

// badParameter answers for the generated code when a path or query parameter cannot be read.
func (a *API) badParameter(w http.ResponseWriter, r *http.Request, err error) {
	field, message := "request", "cannot be read"
	if e, ok := errors.AsType[*oapi.InvalidParamFormatError](err); ok {
		field, message = e.ParamName, "cannot be read: see /api/admin/openapi.yaml"
	}
	a.problem(w, r, problem.Invalid(problem.Field{Field: field, Message: message}))
}

// shorten cuts a name that a client made up.
func shorten(name string) string {
	const limit = 64
	if runes := []rune(name); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return name
}
