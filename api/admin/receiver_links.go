package admin

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

// ListReceiverLinks answers the links to an endpoint.
func (a *API) ListReceiverLinks(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.ReceiverLinkList, error) {
		links, err := a.Store.ReceiverLinks(r.Context(), endpointID)
		if err != nil {
			return oapi.ReceiverLinkList{}, storeError(err)
		}
		list := oapi.ReceiverLinkList{Links: make([]oapi.ReceiverLink, len(links))}
		for i, l := range links {
			list.Links[i] = receiverLinkView(l, time.Now())
		}
		return list, nil
	})
}

// AddReceiverLink makes a link to an endpoint and shows its token this once.
func (a *API) AddReceiverLink(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.AddedReceiverLink, error) {
		in, err := body[oapi.NewReceiverLink](r)
		if err != nil {
			return oapi.AddedReceiverLink{}, err
		}
		link, token, err := a.Store.AddReceiverLink(r.Context(), endpointID, in.Name, userOf(r.Context()).Name, time.Duration(in.Days)*24*time.Hour)
		switch {
		case errors.Is(err, store.ErrConflict):
			return oapi.AddedReceiverLink{}, problem.RefuseWith(problem.Conflict, "The endpoint has as many open links as it can have. Revoke one first.")
		case err != nil:
			return oapi.AddedReceiverLink{}, storeError(err)
		}
		detail := fmt.Sprintf("%s, for %s, until %s", link.ID, link.Name, link.ExpiresAt.UTC().Format(time.RFC3339))
		return oapi.AddedReceiverLink{Link: receiverLinkView(link, time.Now()), Token: token}, a.audit(r, "receiver_link_added", endpointID, detail)
	})
}

// RevokeReceiverLink ends a link at once.
func (a *API) RevokeReceiverLink(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID, linkID oapi.LinkID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		if err := a.Store.RevokeReceiverLink(r.Context(), endpointID, linkID); err != nil {
			return struct{}{}, storeError(err)
		}
		return struct{}{}, a.audit(r, "receiver_link_revoked", endpointID, linkID)
	})
}

func receiverLinkView(l store.ReceiverLink, now time.Time) oapi.ReceiverLink {
	return oapi.ReceiverLink{
		LinkID: l.ID, Name: l.Name, CreatedBy: l.CreatedBy, CreatedAt: l.CreatedAt.UTC(), ExpiresAt: l.ExpiresAt.UTC(),
		RevokedAt: utc(l.RevokedAt), LastUsedAt: utc(l.LastUsedAt), Open: l.Opens(now),
	}
}
