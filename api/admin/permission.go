package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// GetPermissionRules answers the rules in force.
func (a *API) GetPermissionRules(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.PermissionRules, error) {
		rules, err := a.Store.PermissionRules(r.Context())
		if err != nil {
			return oapi.PermissionRules{}, storeError(err)
		}
		return rulesView(rules)
	})
}

// rulesView puts rules into the API's shape, which has the same names as the stored document.
func rulesView(rules call.PermissionRules) (view oapi.PermissionRules, err error) {
	text, err := json.Marshal(rules)
	if err == nil {
		err = json.Unmarshal(text, &view)
	}
	if err != nil {
		return view, fmt.Errorf("show permission rules: %w", err)
	}
	view.Version = rules.Version
	view.DoNotCall = append([]oapi.Purpose{}, view.DoNotCall...) // never null
	view.Frequency.Purposes = append([]oapi.Purpose{}, view.Frequency.Purposes...)
	return view, nil
}

// SavePermissionRules makes rules the ones in force.
func (a *API) SavePermissionRules(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, a.savePermissionRules)
}

func (a *API) savePermissionRules(r *http.Request) (oapi.PermissionRules, error) {
	in, err := body[oapi.PermissionRules](r)
	if err != nil {
		return oapi.PermissionRules{}, err
	}
	var rules call.PermissionRules
	text, err := json.Marshal(in)
	if err == nil {
		err = json.Unmarshal(text, &rules)
	}
	if err == nil {
		err = rules.Validate()
	}
	if err != nil {
		return oapi.PermissionRules{}, problem.Invalid(ruleFaults(err)...)
	}
	rules.Version = in.Version
	rules.Version, err = a.Store.SavePermissionRules(r.Context(), rules, userOf(r.Context()).Name)
	if errors.Is(err, store.ErrConflict) {
		return oapi.PermissionRules{}, problem.RefuseWith(problem.Conflict, "Somebody else changed the rules meanwhile. Reload them, and make your change again.")
	}
	if err != nil {
		return oapi.PermissionRules{}, storeError(err)
	}
	if err := a.audit(r, "permission_rules_changed", "", fmt.Sprintf("version %d", rules.Version)); err != nil {
		return oapi.PermissionRules{}, err
	}
	return rulesView(rules)
}

// ruleFaults makes a field of each mistake; its first word names it.
func ruleFaults(err error) (fields []problem.Field) {
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimSpace(line)
		name, _, _ := strings.Cut(strings.ReplaceAll(line, ":", " "), " ")
		fields = append(fields, problem.Field{Field: shorten(name), Message: line})
	}
	return fields[:min(len(fields), maxFieldErrors)]
}

// CheckPermission says whether a number may be called, and why.
func (a *API) CheckPermission(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Permission, error) {
		in, err := body[oapi.PermissionQuestion](r)
		if err != nil {
			return oapi.Permission{}, err
		}
		number, err := call.ParseCustomerNumber(in.CustomerNumber)
		if err != nil {
			return oapi.Permission{}, problem.Invalid(problem.Field{Field: "customer_number", Message: err.Error()})
		}
		at := time.Now()
		if in.At != nil {
			at = *in.At
		}
		p, err := a.Store.Permission(r.Context(), number, call.Purpose(value(in.Purpose)), at)
		if err != nil {
			return oapi.Permission{}, storeError(err)
		}
		return permissionView(p), nil
	})
}

func permissionView(p call.Permission) oapi.Permission {
	return oapi.Permission{Allowed: p.Allowed(), Refusal: optional(string(p.Refusal)), OpensAt: utc(p.OpensAt), Why: p.Why,
		Purpose: string(p.Purpose), RulesVersion: p.Rules}
}
