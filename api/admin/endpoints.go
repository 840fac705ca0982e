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

// ListEndpoints answers where outcomes are delivered to. There is one place, or none before its URL is set.
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

// AddEndpoint sets the URL that outcomes are posted to when there is none, and shows its signing secret this once.
func (a *API) AddEndpoint(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.AddedEndpoint, error) {
		in, err := body[oapi.NewEndpoint](r)
		if err != nil {
			return oapi.AddedEndpoint{}, err
		}
		e, err := a.Store.AddEndpoint(r.Context(), store.EndpointTarget{URL: &in.URL, APIKey: in.APIKey})
		switch {
		case errors.Is(err, store.ErrConflict):
			return oapi.AddedEndpoint{}, problem.RefuseWith(problem.Conflict, "There is a webhook URL already, and outcomes go to one. Change it instead.")
		case err != nil:
			return oapi.AddedEndpoint{}, endpointError(err)
		}
		a.tellWatch(r.Context(), e) // outcomes may wait for it
		added := oapi.AddedEndpoint{Endpoint: endpointView(e, time.Now()), Secret: e.Secrets[0].Secret}
		return added, a.audit(r, "endpoint_added", e.ID, webhook.RedactURL(e.URL))
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

func endpointView(e store.Endpoint, now time.Time) oapi.Endpoint {
	view := oapi.Endpoint{
		EndpointID: e.ID, URL: webhook.RedactURL(e.URL), Default: e.Default, State: string(e.State), Health: endpointHealthView(e.Health),
		APIKey: secretState(e.APIKey), HeaderNames: append([]string{}, slices.Sorted(maps.Keys(e.Headers))...),
		ClientCertificate: e.TLS.ClientCert != "", CustomCA: e.TLS.CA != "", Secrets: []oapi.SigningSecret{},
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
		fresh, err := a.Store.RotateSecret(r.Context(), endpointID, overlap)
		if errors.Is(err, store.ErrConflict) {
			return oapi.RotatedSecret{}, problem.RefuseWith(problem.Conflict, "Ten secrets sign already. Revoke one first, or rotate without an overlap.")
		}
		if err != nil {
			return oapi.RotatedSecret{}, storeError(err)
		}
		detail := fmt.Sprintf("%s, the old ones sign for %s more", fresh.ID(), overlap)
		return oapi.RotatedSecret{SigningSecret: signingSecretView(fresh), Secret: fresh.Secret}, a.audit(r, "secret_rotated", endpointID, detail)
	})
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
