package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// ListRoutes answers the routes in the order in which they are asked.
func (a *API) ListRoutes(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.RouteList, error) { return a.routeList(r.Context()) })
}

func (a *API) routeList(ctx context.Context) (oapi.RouteList, error) {
	routes, err := a.Store.Routes(ctx)
	if err != nil {
		return oapi.RouteList{}, storeError(err)
	}
	shadowed := call.Shadowed(routes)
	list := oapi.RouteList{Routes: make([]oapi.Route, len(routes))}
	for i, r := range routes {
		if list.Routes[i], err = routeView(r, shadowed[r.ID]); err != nil {
			return oapi.RouteList{}, err
		}
	}
	return list, nil
}

// routeView puts a route into the API's shape, whose parts have the names of the stored document.
func routeView(r call.Route, shadowedBy string) (view oapi.Route, err error) {
	text, err := json.Marshal(map[string]any{"match": r.Match, "trunks": r.Trunks, "caller_id": r.CallerID})
	if err == nil {
		err = json.Unmarshal(text, &view)
	}
	if err != nil {
		return view, fmt.Errorf("show route %s: %w", r.ID, err)
	}
	view.RouteID, view.Name, view.Enabled, view.ShadowedBy = r.ID, r.Name, r.Enabled, optional(shadowedBy)
	view.Match.Purposes = append([]oapi.Purpose{}, view.Match.Purposes...) // never null
	view.Match.Days = append([]int{}, view.Match.Days...)
	view.CallerID.Dids = append([]oapi.RouteDID{}, view.CallerID.Dids...)
	if view.CallerID.Mode == "" {
		view.CallerID.Mode = string(call.CallerIDFixed)
	}
	return view, nil
}

// CreateRoute adds a route, to be asked last.
func (a *API) CreateRoute(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.Route, error) { return a.saveRoute(r, store.NewRouteID(), "route_created") })
}

// UpdateRoute changes a route.
func (a *API) UpdateRoute(w http.ResponseWriter, r *http.Request, routeID oapi.RouteID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Route, error) {
		routes, err := a.Store.Routes(r.Context())
		if err != nil {
			return oapi.Route{}, storeError(err)
		}
		for _, known := range routes {
			if known.ID == routeID {
				return a.saveRoute(r, routeID, "route_changed")
			}
		}
		return oapi.Route{}, storeError(store.ErrNotFound)
	})
}

func (a *API) saveRoute(r *http.Request, id, action string) (oapi.Route, error) {
	in, err := body[oapi.RouteInput](r)
	if err != nil {
		return oapi.Route{}, err
	}
	route := call.Route{ID: id, Name: in.Name, Enabled: in.Enabled}
	for part, of := range map[any]any{&route.Match: in.Match, &route.Trunks: in.Trunks, &route.CallerID: in.CallerID} {
		text, err := json.Marshal(of)
		if err == nil {
			err = json.Unmarshal(text, part)
		}
		if err != nil {
			return oapi.Route{}, problem.Invalid(ruleFaults(err)...)
		}
	}
	err = a.Store.SaveRoute(r.Context(), route)
	switch {
	case errors.Is(err, store.ErrInvalid):
		return oapi.Route{}, problem.Invalid(a.routeFaults(r.Context(), route)...)
	case errors.Is(err, store.ErrConflict):
		return oapi.Route{}, problem.RefuseWith(problem.Conflict, "There are 200 routes. Remove one first.")
	case err != nil:
		return oapi.Route{}, storeError(err)
	}
	if err := a.audit(r, action, id, route.Name); err != nil {
		return oapi.Route{}, err
	}
	return routeView(route, "")
}

// routeFaults names every mistake by its field, without the words that the store puts before.
func (a *API) routeFaults(ctx context.Context, r call.Route) []problem.Field {
	known := map[string]bool{}
	if trunks, err := a.Store.Trunks(ctx); err == nil {
		for _, t := range trunks {
			known[t.ID] = true
		}
	}
	if err := r.Validate(known); err != nil {
		return ruleFaults(err)
	}
	return []problem.Field{{Field: "trunks", Message: "one of them was removed meanwhile: reload the list"}}
}

// DeleteRoute removes a route.
func (a *API) DeleteRoute(w http.ResponseWriter, r *http.Request, routeID oapi.RouteID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		if err := a.Store.DeleteRoute(r.Context(), routeID); err != nil {
			return struct{}{}, storeError(err)
		}
		return struct{}{}, a.audit(r, "route_deleted", routeID, "")
	})
}

// OrderRoutes puts the routes into an order.
func (a *API) OrderRoutes(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.RouteList, error) {
		in, err := body[oapi.RouteOrder](r)
		if err != nil {
			return oapi.RouteList{}, err
		}
		err = a.Store.OrderRoutes(r.Context(), in.RouteIds)
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
			return oapi.RouteList{}, problem.RefuseWith(problem.Conflict, "A route was added or removed meanwhile. Reload the list.")
		}
		if err != nil {
			return oapi.RouteList{}, storeError(err)
		}
		if err := a.audit(r, "routes_ordered", "", ""); err != nil {
			return oapi.RouteList{}, err
		}
		return a.routeList(r.Context())
	})
}

// attempts are the trunks that a call's dial was tried through.
func (a *API) attempts(ctx context.Context, c call.Call) ([]oapi.DialAttempt, error) {
	made, err := a.Store.DialAttempts(ctx, c.ID)
	if err != nil {
		return nil, storeError(err)
	}
	attempts := make([]oapi.DialAttempt, len(made))
	for i, m := range made {
		attempts[i] = oapi.DialAttempt{Trunk: m.Trunk, TrunkID: m.TrunkID, State: string(m.State), SIPCode: statusCode(m.SIPCode),
			Rang: string(m.Rang), StartedAt: m.StartedAt.UTC(), Detail: masked(c, m.Detail)}
		if m.Rang == call.RangUnknown {
			attempts[i].Rang = "unknown"
		}
		if !m.EndedAt.IsZero() {
			ended := m.EndedAt.UTC()
			attempts[i].EndedAt = &ended
		}
	}
	return attempts, nil
}
