package admin

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

// audit writes into the audit log what the request's user did. It holds no secret and no phone number. A deed that cannot be
// written down is answered as a failure, so that nobody acts unseen and takes it for done.
func (a *API) audit(r *http.Request, action, target, detail string) error {
	return a.auditAs(r, userOf(r.Context()), action, target, detail)
}

// auditAs goes on when the client has hung up: hanging up must not keep a deed out of the log.
func (a *API) auditAs(r *http.Request, u store.User, action, target, detail string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), auditTimeout)
	defer cancel()
	err := a.Store.AppendAudit(ctx, store.AuditEntry{
		At: time.Now(), UserID: u.ID, UserName: u.Name, Action: action, Target: target, Detail: detail, Address: a.TrustedProxies.Of(r),
	})
	if err != nil {
		return problem.Unable(problem.StoreUnavailable, err)
	}
	return nil
}

// ListAudit answers a page of the audit log.
func (a *API) ListAudit(w http.ResponseWriter, r *http.Request, p oapi.ListAuditParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.AuditPage, error) {
		page, err := a.Store.AuditLog(r.Context(), store.AuditFilter{
			UserName: value(p.UserName), Action: value(p.Action), Since: p.Since, Until: p.Until, Cursor: value(p.Cursor), Limit: value(p.Limit),
		})
		if err != nil {
			return oapi.AuditPage{}, storeError(err)
		}
		list := oapi.AuditPage{Entries: make([]oapi.AuditEntry, len(page.Entries)), NextCursor: optional(page.Next)}
		for i, e := range page.Entries {
			list.Entries[i] = oapi.AuditEntry{
				AuditID: strconv.FormatInt(e.ID, 10), At: e.At.UTC(), UserName: e.UserName, Action: e.Action, Target: e.Target,
				Detail: e.Detail, Address: e.Address,
			}
		}
		return list, nil
	})
}

// value is what p points to, or nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// optional is nil for an empty text.
func optional[S ~string](s S) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}
