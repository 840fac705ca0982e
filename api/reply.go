package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/click2call/click2call/api/problem"
)

// reply writes body as JSON, or err as a problem document.
func (a *API) reply(w http.ResponseWriter, r *http.Request, body any, err error) {
	if err != nil {
		a.replyProblem(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, body)
}

func (a *API) replyProblem(w http.ResponseWriter, r *http.Request, err error) {
	n := note(r.Context())
	n.cause, n.code = problem.Write(w, err), problem.Internal
	if p, ok := errors.AsType[*problem.Error](err); ok {
		n.code = p.Code
	}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// All bodies are plain structs; what can fail is the connection, and then there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}
