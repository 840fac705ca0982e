package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const maxMatches = 10

var (
	eventPattern  = regexp.MustCompile(`^evt_[a-z2-7]{26}$`)
	digitsPattern = regexp.MustCompile(`^[0-9]{3,10}$`)
)

// Search finds by call id, event id, case id, or the last digits of a number.
func (a *API) Search(w http.ResponseWriter, r *http.Request, p oapi.SearchParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.SearchResults, error) {
		names, err := a.labels(r.Context())
		if err != nil {
			return oapi.SearchResults{}, err
		}
		found, err := a.search(r.Context(), strings.TrimSpace(p.Q), userOf(r.Context()))
		if err != nil {
			return oapi.SearchResults{}, err
		}
		results := oapi.SearchResults{Results: make([]oapi.SearchResult, len(found))}
		for i, m := range found {
			results.Results[i] = oapi.SearchResult{Kind: "call", Matched: m.matched, Call: names.summary(m.call)}
			if m.matched == "event_id" {
				results.Results[i].Kind, results.Results[i].EventID = "delivery", optional(m.call.ID.EventID())
			}
		}
		return results, nil
	})
}

type match struct {
	matched string
	call    call.Call
}

func (a *API) search(ctx context.Context, q string, u store.User) ([]match, error) {
	if id, ok := call.ParseID(q); ok {
		c, err := a.Store.Call(ctx, id)
		return one("call_id", c, err)
	}
	if eventPattern.MatchString(q) {
		d, err := a.Store.Delivery(ctx, q)
		if err != nil {
			return one("event_id", call.Call{}, err)
		}
		c, err := a.Store.Call(ctx, d.CallID)
		return one("event_id", c, err)
	}
	found, err := a.list(ctx, "case_id", store.CallFilter{CaseID: q, Limit: maxMatches})
	if err != nil {
		return nil, err
	}
	if digitsPattern.MatchString(q) && (len(q) <= viewerDigits || u.Role != store.RoleViewer) {
		byNumber, err := a.list(ctx, "number", store.CallFilter{NumberSuffix: q, Limit: maxMatches})
		if err != nil {
			return nil, err
		}
		found = merge(found, byNumber)
	}
	return found[:min(len(found), maxMatches)], nil
}

func one(matched string, c call.Call, err error) ([]match, error) {
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, problem.Unable(problem.StoreUnavailable, err)
	}
	return []match{{matched: matched, call: c}}, nil
}

func (a *API) list(ctx context.Context, matched string, f store.CallFilter) ([]match, error) {
	page, err := a.Store.ListCalls(ctx, f)
	if err != nil {
		return nil, problem.Unable(problem.StoreUnavailable, err)
	}
	found := make([]match, len(page.Calls))
	for i, c := range page.Calls {
		found[i] = match{matched: matched, call: c}
	}
	return found, nil
}

// merge puts two lists into one, newest first, each call once.
func merge(x, y []match) []match {
	seen := map[call.ID]bool{}
	all := slices.DeleteFunc(slices.Concat(x, y), func(m match) bool {
		twice := seen[m.call.ID]
		seen[m.call.ID] = true
		return twice
	})
	slices.SortStableFunc(all, func(x, y match) int {
		return cmp.Or(y.call.CreatedAt.Compare(x.call.CreatedAt), cmp.Compare(x.call.ID, y.call.ID))
	})
	return all
}
