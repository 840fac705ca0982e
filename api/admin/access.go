package admin

import (
	"bytes"
	"context"
	_ "embed" // openapi.yaml
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gorilla/mux"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

//go:embed openapi.yaml
var openAPI []byte

const (
	// rolePublic is the x-role of what needs no session.
	rolePublic store.Role = "public"
	// roleReceiver is the x-role of what only a receiver's link opens: see receiver.go. No user has it.
	roleReceiver store.Role = "receiver"
)

// ranks orders the roles: each may do all that a lower one may.
var ranks = map[store.Role]int{rolePublic: 0, store.RoleViewer: 1, store.RoleOperator: 2, store.RoleAdmin: 3}

// operation is what openapi.yaml says of a route.
type operation struct {
	spec                 *openapi3.Operation
	pattern              string // method and path template
	role                 store.Role
	duringPasswordChange bool
	streams              bool  // its answer may take as long as it takes
	streamedBody         bool  // its request may be as long as it takes; the handler reads it and bounds it
	maxBody              int64 // bytes of the request
}

// operations finds an operation by its method and path template.
type operations map[string]*operation

// readOperations reads the document. An operation without a role that we know is a mistake that must not be served.
func readOperations() (operations, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		return nil, fmt.Errorf("read the admin API's openapi.yaml: %w", err)
	}
	found := operations{}
	for path, item := range doc.Paths.Map() {
		for method, spec := range item.Operations() {
			op := &operation{spec: spec, pattern: method + " " + path}
			for _, p := range item.Parameters {
				if spec.Parameters.GetByInAndName(p.Value.In, p.Value.Name) == nil {
					spec.Parameters = append(spec.Parameters, p)
				}
			}
			if text, ok := spec.Extensions["x-role"].(string); ok {
				op.role = store.Role(text)
			}
			if _, known := ranks[op.role]; !known && op.role != roleReceiver {
				return nil, fmt.Errorf("read the admin API's openapi.yaml: %s %s needs an x-role: public, viewer, operator, admin or receiver", method, path)
			}
			op.maxBody = maxBody
			if size, ok := spec.Extensions["x-max-body"].(float64); ok {
				op.maxBody = int64(size)
			}
			op.duringPasswordChange, _ = spec.Extensions["x-during-password-change"].(bool)
			op.streamedBody, _ = spec.Extensions["x-streamed-body"].(bool)
			if ok := spec.Responses.Status(http.StatusOK); ok != nil {
				op.streams = ok.Value.Content["text/event-stream"] != nil || ok.Value.Content["text/csv"] != nil
			}
			op.streams = op.streams || op.streamedBody
			found[method+" "+path] = op
		}
	}
	return found, nil
}

func (o operations) of(r *http.Request) *operation {
	route := mux.CurrentRoute(r)
	if route == nil {
		return nil
	}
	path, err := route.GetPathTemplate()
	if err != nil {
		return nil
	}
	return o[r.Method+" "+path]
}

type userKey struct{}

// userOf returns the user of the request. Behind admit there always is one, but for public operations.
func userOf(ctx context.Context) store.User {
	u, _ := ctx.Value(userKey{}).(store.User)
	return u
}

// admit lets a request pass when the role of its user allows the operation.
func (a *API) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op := a.operations.of(r)
		if op == nil {
			a.problem(w, r, problem.Refuse(problem.NotFound))
			return
		}
		n := note(r.Context())
		n.route, n.path, n.stream = op.spec.OperationID, op.pattern, op.streams
		ctx := r.Context()
		if !op.streams {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, requestTimeout)
			defer cancel()
		}
		var err error
		switch op.role {
		case rolePublic:
		case roleReceiver:
			ctx, err = a.admitReceiver(ctx, r)
		default:
			ctx, err = a.admitUser(ctx, op)
		}
		if err != nil {
			a.problem(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// admitUser puts the session's user into the context, when the role allows the operation.
func (a *API) admitUser(ctx context.Context, op *operation) (context.Context, error) {
	u, err := a.sessionUser(ctx)
	if err != nil {
		return ctx, err
	}
	note(ctx).userID = u.ID
	return context.WithValue(ctx, userKey{}, u), op.allows(u)
}

func (o *operation) allows(u store.User) error {
	if ranks[u.Role] < ranks[o.role] {
		return problem.Refuse(problem.Forbidden)
	}
	if u.MustChangePassword && !o.duringPasswordChange {
		return problem.Refuse(problem.PasswordChange)
	}
	return nil
}

// sessionUser returns the user of the session in ctx as the store has it now, so that a user who was disabled, demoted or
// removed feels it at the next request. NoSession when there is none.
func (a *API) sessionUser(ctx context.Context) (store.User, error) {
	id := a.sessions.GetString(ctx, sessionUserID)
	if id == "" {
		return store.User{}, problem.Refuse(problem.NoSession)
	}
	u, err := a.Store.User(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return store.User{}, problem.Unable(problem.StoreUnavailable, err)
	case !u.Disabled && a.sessions.GetString(ctx, sessionEpoch) == epochText(u):
		return u, nil
	}
	if err := a.sessions.Destroy(ctx); err != nil {
		return store.User{}, problem.Unable(problem.StoreUnavailable, err)
	}
	return store.User{}, problem.Refuse(problem.NoSession)
}

// newCrossOriginProtection refuses what another site makes a browser send. Requests of programs have neither Origin nor
// Sec-Fetch-Site and pass; they have no cookie that somebody else could abuse.
func (a *API) newCrossOriginProtection() (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	if origin, ok := originOf(a.PublicURL); ok {
		if err := p.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trust the origin of the public URL: %w", err)
		}
	}
	p.SetDenyHandler(a.refuse(problem.CrossOrigin))
	return p, nil
}

// GetOpenAPI answers the contract itself: GET /api/admin/openapi.yaml.
func (a *API) GetOpenAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	http.ServeContent(w, r, "openapi.yaml", time.Time{}, bytes.NewReader(openAPI))
}

// answer runs work and answers its result with status, or its error. A status of 204 has no body.
func answer[T any](a *API, w http.ResponseWriter, r *http.Request, status int, work func(*http.Request) (T, error)) {
	result, err := work(r)
	if err != nil {
		a.problem(w, r, err)
		return
	}
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// All bodies are plain structs; what can fail is the connection, and then there is nobody to tell.
	_ = json.NewEncoder(w).Encode(result)
}

// storeError is the problem of a store's error: what is missing, what stands in the way, or the database itself.
func storeError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return problem.RefuseWith(problem.NotFound, "There is none of this id; it may have been removed. Reload the list.")
	case errors.Is(err, store.ErrBadCursor):
		return problem.Invalid(problem.Field{Field: "cursor", Message: "is not one that this list answered: start again without it"})
	default:
		return problem.Unable(problem.StoreUnavailable, err)
	}
}
