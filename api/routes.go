package api

import (
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
)

// noteRoute notes which route was taken, by its pattern: paths hold call ids.
func (a *API) noteRoute(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := note(r.Context())
		n.route = r.Method + " " + pattern(r)
		if id, ok := call.ParseID(mux.Vars(r)["call_id"]); ok {
			n.callID = id
		}
		next.ServeHTTP(w, r)
	})
}

func pattern(r *http.Request) string {
	route := mux.CurrentRoute(r)
	if route == nil {
		return ""
	}
	p, err := route.GetPathTemplate()
	if err != nil {
		return ""
	}
	return p
}

func (a *API) noRoute(w http.ResponseWriter, r *http.Request) {
	a.replyProblem(w, r, problem.Refuse(problem.NotFound))
}

// wrongMethod names the methods that the path has, as RFC 9110 section 15.5.6 asks.
func (a *API) wrongMethod(router *mux.Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if match := (mux.RouteMatch{}); router.Match(other, &match) && match.MatchErr == nil {
				w.Header().Add("Allow", method)
			}
		}
		a.replyProblem(w, r, problem.Refuse(problem.MethodNotAllowed))
	})
}

// badParameter answers for the generated code when a path, query or header parameter cannot be read.
func (a *API) badParameter(w http.ResponseWriter, r *http.Request, err error) {
	field, message := "request", "cannot be read"
	if e, ok := errors.AsType[*oapi.InvalidParamFormatError](err); ok {
		field, message = e.ParamName, "must be given once, as plain text"
	}
	if e, ok := errors.AsType[*oapi.TooManyValuesForParamError](err); ok {
		field, message = e.ParamName, "must be given once"
	}
	if field == "call_id" {
		a.replyProblem(w, r, problem.Refuse(problem.CallNotFound))
		return
	}
	a.replyProblem(w, r, problem.Invalid(problem.Field{Field: field, Message: message}))
}
