package admin

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// ListEndpoints answers where webhooks go: the endpoint that outcomes go to, unless its URL is not set yet, and those beside it.
func (a *API) ListEndpoints(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.EndpointList, error) {
		endpoints, err := a.Store.Endpoints(r.Context())
		if err != nil {
			return oapi.EndpointList{}, storeError(err)
		}
		list := oapi.EndpointList{Endpoints: make([]oapi.Endpoint, len(endpoints))}
		for i, e := range endpoints {
			list.Endpoints[i] = endpointView(e, time.Now())
		}
		return list, nil
	})
}

// AddEndpoint sets the URL that outcomes are posted to when there is none, or adds an endpoint beside it, and shows its signing secret this
// once.
func (a *API) AddEndpoint(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.AddedEndpoint, error) {
		in, err := body[oapi.NewEndpoint](r)
		if err != nil {
			return oapi.AddedEndpoint{}, err
		}
		e, err := a.Store.AddEndpoint(r.Context(), newTarget(in))
		switch {
		case errors.Is(err, store.ErrConflict) && in.EventTypes != nil:
			return oapi.AddedEndpoint{}, problem.RefuseWith(problem.Conflict, "There are a hundred endpoints. Remove one first.")
		case errors.Is(err, store.ErrConflict):
			return oapi.AddedEndpoint{}, problem.RefuseWith(problem.Conflict, "There is a webhook URL already, and outcomes go to one. Change it instead.")
		case err != nil:
			return oapi.AddedEndpoint{}, endpointError(err)
		}
		a.tellWatch(r.Context(), e) // outcomes may wait for it
		added := oapi.AddedEndpoint{Endpoint: endpointView(e, time.Now()), Secret: e.Secrets[0].Secret}
		return added, a.audit(r, "endpoint_added", e.ID, strings.Join(append([]string{webhook.RedactURL(e.URL)}, e.EventTypes...), " "))
	})
}

func endpointError(err error) error {
	if errors.Is(err, store.ErrInvalid) {
		message := reason(err, store.ErrInvalid)
		field, _, _ := strings.Cut(message, " ")
		return problem.Invalid(problem.Field{Field: field, Message: message})
	}
	return storeError(err)
}

// RemoveEndpoint takes an endpoint away that is not the one that outcomes go to.
func (a *API) RemoveEndpoint(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		err := a.Store.RemoveEndpoint(r.Context(), endpointID)
		if errors.Is(err, store.ErrConflict) {
			return struct{}{}, problem.RefuseWith(problem.Conflict, "Every outcome goes to this endpoint. Change its URL, or pause it.")
		}
		if err != nil {
			return struct{}{}, storeError(err)
		}
		return struct{}{}, a.audit(r, "endpoint_removed", endpointID, "")
	})
}

func endpointView(e store.Endpoint, now time.Time) oapi.Endpoint {
	view := oapi.Endpoint{
		Name: e.Name, EventTypes: append([]string{}, e.EventTypes...), Filter: filterView(e.Filter), ScheduleSeconds: make([]int, len(e.Schedule)),
		MaxPerSecond: e.MaxPerSecond,
		EndpointID:   e.ID, URL: webhook.RedactURL(e.URL), Default: e.Default, State: string(e.State), Health: endpointHealthView(e.Health),
		APIKey: secretState(e.APIKey), HeaderNames: append([]string{}, slices.Sorted(maps.Keys(e.Headers))...),
		ClientCertificate: e.TLS.ClientCert != "", CustomCA: e.TLS.CA != "", Secrets: []oapi.SigningSecret{},
	}
	for i, wait := range e.Schedule {
		view.ScheduleSeconds[i] = seconds(wait)
	}
	for _, secret := range e.Secrets {
		if secret.Signs(now) {
			view.Secrets = append(view.Secrets, signingSecretView(secret))
		}
	}
	return view
}

func endpointHealthView(h store.EndpointHealth) oapi.EndpointHealth {
	view := oapi.EndpointHealth{State: "well", Failures: h.Failures, FailingSince: utc(h.FailingSince), OpenedAt: utc(h.OpenedAt), Reason: h.Reason}
	switch {
	case h.Open():
		view.State = "open"
	case h.Failures > 0:
		view.State = "failing"
	}
	return view
}

func signingSecretView(s store.SigningSecret) oapi.SigningSecret {
	return oapi.SigningSecret{
		SecretID: s.ID(), LastFour: secretState(s.Secret).LastFour, CreatedAt: utc(s.CreatedAt), ExpiresAt: utc(s.NotAfter),
	}
}

// RotateSecret gives an endpoint a new signing secret and shows it this once.
func (a *API) RotateSecret(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.RotatedSecret, error) {
		overlap := store.DefaultOverlap
		if hasBody(r) {
			in, err := body[oapi.Rotation](r)
			if err != nil {
				return oapi.RotatedSecret{}, err
			}
			overlap = inSeconds(in.OverlapSeconds)
		}
		return a.rotateSecret(r, endpointID, overlap)
	})
}

func (a *API) rotateSecret(r *http.Request, endpointID string, overlap time.Duration) (oapi.RotatedSecret, error) {
	fresh, err := a.Store.RotateSecret(r.Context(), endpointID, overlap)
	if errors.Is(err, store.ErrConflict) {
		return oapi.RotatedSecret{}, problem.RefuseWith(problem.Conflict, "Ten secrets sign already. Revoke one first, or rotate without an overlap.")
	}
	if err != nil {
		return oapi.RotatedSecret{}, storeError(err)
	}
	detail := fmt.Sprintf("%s, the old ones sign for %s more", fresh.ID(), overlap)
	return oapi.RotatedSecret{SigningSecret: signingSecretView(fresh), Secret: fresh.Secret}, a.audit(r, "secret_rotated", endpointID, detail)
}

// RevokeSecret ends a signing secret at once.
func (a *API) RevokeSecret(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID, secretID oapi.SecretID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		err := a.Store.RevokeSecret(r.Context(), endpointID, secretID)
		if errors.Is(err, store.ErrConflict) {
			return struct{}{}, problem.RefuseWith(problem.Conflict, "It is the only one that goes on to sign: without it nothing could be delivered. Rotate it instead; without an overlap it ends at once, too.")
		}
		if err != nil {
			return struct{}{}, storeError(err)
		}
		return struct{}{}, a.audit(r, "secret_revoked", endpointID, secretID)
	})
}
