package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func trunkView(t call.Trunk) oapi.Trunk {
	return oapi.Trunk{
		TrunkID: t.ID, Label: t.Label, LivekitTrunkID: t.LiveKitTrunkID, Prefix: t.Prefix, DefaultDid: t.DefaultDID,
		Default: t.Default, Enabled: t.Enabled, MaxConcurrentCalls: t.Limits.Concurrent, MaxCallsPerSecond: t.Limits.PerSecond,
	}
}

// ListTrunks answers our trunks in their order.
func (a *API) ListTrunks(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrunkList, error) { return a.trunkList(r.Context()) })
}

func (a *API) trunkList(ctx context.Context) (oapi.TrunkList, error) {
	trunks, err := a.Store.Trunks(ctx)
	if err != nil {
		return oapi.TrunkList{}, storeError(err)
	}
	open, err := a.Store.OpenBreakers(ctx)
	if err != nil {
		return oapi.TrunkList{}, storeError(err)
	}
	breakers := make([]oapi.TrunkBreaker, len(open))
	for i, b := range open {
		breakers[i] = oapi.TrunkBreaker{TrunkID: b.TrunkID, Since: b.Since.UTC(), SeenAt: b.SeenAt.UTC(), Why: b.Why}
	}
	list := oapi.TrunkList{Trunks: make([]oapi.Trunk, len(trunks)), OpenBreakers: breakers}
	for i, t := range trunks {
		list.Trunks[i] = trunkView(t)
	}
	return list, nil
}

// CreateTrunk adds a trunk.
func (a *API) CreateTrunk(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.Trunk, error) {
		return a.saveTrunk(r, store.NewTrunkID(), "trunk_created")
	})
}

// UpdateTrunk changes a trunk.
func (a *API) UpdateTrunk(w http.ResponseWriter, r *http.Request, trunkID oapi.TrunkID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Trunk, error) {
		if _, err := a.Store.Trunk(r.Context(), trunkID); err != nil {
			return oapi.Trunk{}, storeError(err)
		}
		return a.saveTrunk(r, trunkID, "trunk_changed")
	})
}

func (a *API) saveTrunk(r *http.Request, id, action string) (oapi.Trunk, error) {
	in, err := body[oapi.TrunkInput](r)
	if err != nil {
		return oapi.Trunk{}, err
	}
	if _, err := call.NormalizeDID(in.DefaultDid); err != nil {
		return oapi.Trunk{}, problem.Invalid(problem.Field{Field: "default_did", Message: err.Error()})
	}
	err = a.Store.SaveTrunk(r.Context(), call.Trunk{
		ID: id, Label: in.Label, LiveKitTrunkID: in.LivekitTrunkID, Prefix: in.Prefix, DefaultDID: in.DefaultDid, Default: in.Default, Enabled: in.Enabled,
		Limits: call.Limits{Concurrent: value(in.MaxConcurrentCalls), PerSecond: value(in.MaxCallsPerSecond)},
	})
	if errors.Is(err, store.ErrConflict) {
		return oapi.Trunk{}, problem.RefuseWith(problem.Conflict, "This trunk is the default. Make another one the default instead.")
	}
	if err != nil {
		return oapi.Trunk{}, storeError(err)
	}
	saved, err := a.Store.Trunk(r.Context(), id)
	if err != nil {
		return oapi.Trunk{}, storeError(err)
	}
	return trunkView(saved), a.audit(r, action, id, saved.Label)
}

// DeleteTrunk removes a trunk that no call refers to.
func (a *API) DeleteTrunk(w http.ResponseWriter, r *http.Request, trunkID oapi.TrunkID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		t, err := a.Store.Trunk(r.Context(), trunkID)
		if err == nil {
			err = a.Store.DeleteTrunk(r.Context(), trunkID)
		}
		if errors.Is(err, store.ErrConflict) {
			return struct{}{}, problem.RefuseWith(problem.Conflict, "Calls went through this trunk, or a route names it. Take it out of the routes, or disable it.")
		}
		if err != nil {
			return struct{}{}, storeError(err)
		}
		return struct{}{}, a.audit(r, "trunk_deleted", trunkID, t.Label)
	})
}

// OrderTrunks puts the trunks into an order.
func (a *API) OrderTrunks(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrunkList, error) {
		in, err := body[oapi.TrunkOrder](r)
		if err != nil {
			return oapi.TrunkList{}, err
		}
		err = a.Store.OrderTrunks(r.Context(), in.TrunkIds)
		if errors.Is(err, store.ErrNotFound) {
			return oapi.TrunkList{}, problem.RefuseWith(problem.NotFound, "One of the trunks was removed meanwhile. Reload the list.")
		}
		if err != nil {
			return oapi.TrunkList{}, storeError(err)
		}
		if err := a.audit(r, "trunks_ordered", "", ""); err != nil {
			return oapi.TrunkList{}, err
		}
		return a.trunkList(r.Context())
	})
}

// ListLiveKitTrunks answers the outbound trunks that LiveKit has.
func (a *API) ListLiveKitTrunks(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.LiveKitTrunkList, error) {
		trunks, err := a.LiveKit.Trunks(r.Context())
		if err != nil {
			return oapi.LiveKitTrunkList{}, problem.Unable(problem.LiveKitUnavailable, err)
		}
		list := oapi.LiveKitTrunkList{Trunks: make([]oapi.LiveKitTrunk, len(trunks))}
		for i, t := range trunks {
			list.Trunks[i] = oapi.LiveKitTrunk{
				LivekitTrunkID: t.ID, Name: t.Name, Address: t.Address, Transport: t.Transport, Numbers: append([]string{}, t.Numbers...), HasAuth: t.HasAuth,
			}
		}
		return list, nil
	})
}
