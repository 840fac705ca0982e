package admin

import (
	"net/http"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/call"
)

// maxCallerIDs bounds the list of caller IDs: a carrier's block has a hundred numbers.
const maxCallerIDs = 1000

// ListCallerIDs answers the numbers that customers may see, what shows each, and when a call last did.
func (a *API) ListCallerIDs(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.CallerIDList, error) {
		trunks, err := a.Store.Trunks(r.Context())
		if err != nil {
			return oapi.CallerIDList{}, storeError(err)
		}
		routes, err := a.Store.Routes(r.Context())
		if err != nil {
			return oapi.CallerIDList{}, storeError(err)
		}
		known := call.CallerIDs(trunks, routes)
		list := oapi.CallerIDList{CallerIds: []oapi.KnownCallerID{}, Truncated: len(known) > maxCallerIDs}
		known = known[:min(len(known), maxCallerIDs)]
		numbers := make([]string, len(known))
		for i, k := range known {
			numbers[i] = k.Number
		}
		shown, err := a.Store.LastShown(r.Context(), numbers)
		if err != nil {
			return oapi.CallerIDList{}, storeError(err)
		}
		for _, k := range known {
			list.CallerIds = append(list.CallerIds, callerIDView(k, shown[k.Number]))
		}
		return list, nil
	})
}

func callerIDView(k call.KnownCallerID, shown time.Time) oapi.KnownCallerID {
	view := oapi.KnownCallerID{Number: k.Number, Series: []string{}, Trunks: []oapi.CallerIDTrunk{}, Routes: []oapi.CallerIDRoute{}}
	if !shown.IsZero() {
		view.LastShownAt = &shown
	}
	for _, s := range k.Series {
		view.Series = append(view.Series, string(s))
	}
	for _, t := range k.Trunks {
		view.Trunks = append(view.Trunks, oapi.CallerIDTrunk{TrunkID: t.ID, Label: t.Label})
	}
	for _, r := range k.Routes {
		view.Routes = append(view.Routes, oapi.CallerIDRoute{RouteID: r.ID, Name: r.Name, Enabled: r.Enabled})
	}
	return view
}
