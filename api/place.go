package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

const replayedHeader = "Idempotent-Replayed"

// misplaced are fields that CRMs send by habit, with what to do about them.
var misplaced = map[string]string{
	"trunk_id":    "the service picks the trunk: remove this field",
	"agen_number": "the service picks the trunk and needs no agent number: remove this field",
}

// PlaceCall opens a call: POST /api/c2c/click2call.
func (a *API) PlaceCall(w http.ResponseWriter, r *http.Request, params oapi.PlaceCallParams) {
	placed, replayed, err := a.placeCall(w, r, params)
	if err == nil && replayed {
		w.Header().Set(replayedHeader, "true")
	}
	a.reply(w, r, placed, err)
}

func (a *API) placeCall(w http.ResponseWriter, r *http.Request, params oapi.PlaceCallParams) (*oapi.PlacedCall, bool, error) {
	o, err := readObject(w, r)
	if err != nil {
		return nil, false, err
	}
	request, err := o.placeCallRequest(params.IdempotencyKey)
	if err != nil {
		return nil, false, err
	}
	ctx := r.Context()
	switch id, known, err := a.placedBefore(ctx, request, params.IdempotencyKey); {
	case err != nil:
		return nil, false, err
	case known:
		placed, err := a.placedEarlier(ctx, id, request)
		return placed, true, err
	}
	done, err := a.beginOpening(ctx)
	if err != nil {
		return nil, false, err
	}
	defer done()
	p, err := a.prepare(ctx, request, "")
	if err != nil {
		return nil, false, err
	}
	id, replayed, err := a.openOnce(ctx, p, request, params.IdempotencyKey, done)
	if err != nil {
		return nil, false, err
	}
	if id != p.call.ID {
		placed, err := a.placedEarlier(ctx, id, request)
		return placed, replayed, err
	}
	note(ctx).callID = id
	return &oapi.PlacedCall{
		CallID: string(id), Room: id.Room(), WsURL: p.wsURL, Token: p.token, CustomerNumber: request.CustomerNumber,
	}, replayed, nil
}

// placedEarlier is the answer to a request that an earlier one with the same key has opened the call for.
func (a *API) placedEarlier(ctx context.Context, id call.ID, request oapi.PlaceCallRequest) (*oapi.PlacedCall, error) {
	note(ctx).callID = id
	wsURL, token, err := a.token(ctx, id)
	if err != nil {
		return nil, err
	}
	return &oapi.PlacedCall{
		CallID: string(id), Room: id.Room(), WsURL: wsURL, Token: token, CustomerNumber: request.CustomerNumber,
	}, nil
}

// placeCallRequest checks every field, so that one answer names all that are wrong.
func (o *object) placeCallRequest(idempotencyKey *string) (oapi.PlaceCallRequest, error) {
	var request oapi.PlaceCallRequest
	if v := o.text("case_id", maxText, mustBeGiven); v != nil {
		request.CaseID = *v
	}
	if v := o.text("customer_number", maxText, mustBeGiven); v != nil {
		request.CustomerNumber = *v
		o.check("customer_number", call.CheckCustomerNumber(*v))
	}
	if v := o.text("agent_id", maxText, mustBeGiven); v != nil {
		request.AgentID = *v
	}
	if v := o.text("purpose", maxText, mayBeMissing); v != nil {
		purpose := oapi.Purpose(*v)
		request.Purpose = &purpose
		o.check("purpose", call.CheckPurpose(call.Purpose(*v)))
	}
	request.CustomerCrmID = o.text("customer_crm_id", maxText, mayBeEmpty)
	if v := o.text("did", maxText, mayBeMissing); v != nil {
		did, err := call.NormalizeDID(*v)
		o.check("did", err)
		request.Did = &did
	}
	o.refuseRest(misplaced)
	if idempotencyKey != nil {
		if message := idempotencyKeyFault(*idempotencyKey); message != "" {
			o.refuse(idempotencyHeader, message)
		}
	}
	return request, o.err()
}

// prepared is a call that is ready to be opened.
type prepared struct {
	call         call.Call
	knobs        call.Knobs
	trunk        string // label
	wsURL, token string
}

// prepare gathers everything that a call needs and inserts its row, which nobody sees before the call is accepted.
// The token is minted first: it needs no network, and a call that was accepted must not fail for want of one.
//
// An empty trunkID means the trunk that calls leave by.
func (a *API) prepare(ctx context.Context, request oapi.PlaceCallRequest, trunkID string) (*prepared, error) {
	if a.draining() {
		return nil, problem.Refuse(problem.Draining)
	}
	settings, err := a.Settings.Get(ctx)
	if err != nil {
		return nil, problem.Unable(problem.StoreUnavailable, err)
	}
	var purpose call.Purpose
	if request.Purpose != nil {
		purpose = call.Purpose(*request.Purpose)
	}
	permission, err := a.permit(ctx, request.CustomerNumber, purpose)
	if err != nil {
		return nil, err
	}
	p := &prepared{knobs: settings.Knobs, call: call.Call{
		ID: call.NewID(), CaseID: request.CaseID, AgentID: request.AgentID, CustomerNumber: request.CustomerNumber,
		Status: call.StatusCreated, CreatedAt: a.Now().UTC(), Purpose: permission.Purpose, Permission: &permission,
		SoleOfAgent: settings.Admission.OneCallPerAgent,
	}}
	if err := a.pickTrunk(ctx, p, trunkID); err != nil {
		return nil, err
	}
	if request.CustomerCrmID != nil {
		p.call.CustomerCRMID = *request.CustomerCrmID
	}
	if request.Did != nil {
		p.call.DID = *request.Did
	}
	if p.wsURL, p.token, err = a.token(ctx, p.call.ID); err != nil {
		return nil, err
	}
	if err := a.Store.InsertCall(ctx, p.call, p.knobs); err != nil {
		return nil, problem.Unable(problem.StoreUnavailable, err)
	}
	return p, nil
}

// pickTrunk chooses the trunk that the call is tried through first, and the caller ID that the customer sees. A trunk that was asked for
// is the only one.
func (a *API) pickTrunk(ctx context.Context, p *prepared, wanted string) (err error) {
	var trunk call.Trunk
	if wanted != "" {
		trunk, err = a.Store.Trunk(ctx, wanted)
		p.call.DID, p.call.TrunkFixed = trunk.DefaultDID, true
	} else {
		trunk, p.call.DID, err = a.Store.PlaceRoute(ctx, call.RouteQuestion{
			CallID: p.call.ID, Number: p.call.CustomerNumber, Purpose: p.call.Purpose, AgentID: p.call.AgentID, At: p.call.CreatedAt,
		})
	}
	switch {
	case errors.Is(err, store.ErrNotFound) && wanted != "":
		return problem.Invalid(problem.Field{Field: "trunk_id", Message: "no such trunk"})
	case errors.Is(err, store.ErrNotFound):
		return problem.Unable(problem.NoTrunk, err)
	case err != nil:
		return problem.Unable(problem.StoreUnavailable, err)
	}
	p.call.TrunkID, p.trunk = trunk.ID, trunk.Label
	return a.dialable.check(ctx, a.Store, trunk, a.Now())
}

func (p *prepared) input(id call.ID) workflows.CallInput {
	return workflows.CallInput{
		CallID: id, MaskedNumber: call.Mask(p.call.CustomerNumber), Trunk: p.trunk,
		AgentID: p.call.AgentID, CaseID: p.call.CaseID, Knobs: p.knobs,
	}
}

func (a *API) token(ctx context.Context, id call.ID) (wsURL, token string, err error) {
	if wsURL, token, err = a.LiveKit.AgentToken(ctx, id); err != nil {
		return "", "", problem.Unable(problem.LiveKitUnavailable, fmt.Errorf("mint agent token: %w", err))
	}
	return wsURL, token, nil
}

// bodyHash is the same for two bodies that ask for the same call, however they are spaced or ordered.
func bodyHash(request oapi.PlaceCallRequest) ([32]byte, error) {
	canonical, err := json.Marshal(request)
	if err != nil {
		return [32]byte{}, fmt.Errorf("render request: %w", err)
	}
	return sha256.Sum256(canonical), nil
}
