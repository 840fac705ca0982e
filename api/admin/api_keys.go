package admin

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// apiKeyPrefix makes a key that leaks recognisable to people and scanners.
const apiKeyPrefix = "c2ck_"

func apiKeyView(k store.APIKey) oapi.APIKey {
	return oapi.APIKey{
		KeyID: k.ID, Name: k.Name, LastFour: k.LastFour, CreatedAt: k.CreatedAt.UTC(), LastUsedAt: utc(k.LastUsedAt), RevokedAt: utc(k.RevokedAt),
		Purpose: optional(k.Purpose),
	}
}

// ListAPIKeys answers the CRMs' keys, without the keys themselves.
func (a *API) ListAPIKeys(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.APIKeyList, error) {
		keys, err := a.Store.APIKeys(r.Context())
		if err != nil {
			return oapi.APIKeyList{}, storeError(err)
		}
		list := oapi.APIKeyList{APIKeys: make([]oapi.APIKey, len(keys))}
		for i, k := range keys {
			list.APIKeys[i] = apiKeyView(k)
		}
		return list, nil
	})
}

// CreateAPIKey makes a key and shows it this once.
func (a *API) CreateAPIKey(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.APIKeyWithSecret, error) {
		in, err := body[oapi.NewAPIKey](r)
		if err != nil {
			return oapi.APIKeyWithSecret{}, err
		}
		secret := apiKeyPrefix + strings.ToLower(rand.Text()+rand.Text())
		k, err := a.Store.AddAPIKey(r.Context(), in.Name, secret)
		if err != nil {
			return oapi.APIKeyWithSecret{}, storeError(err)
		}
		return oapi.APIKeyWithSecret{APIKey: apiKeyView(k), Secret: secret}, a.audit(r, "api_key_created", k.ID, k.Name)
	})
}

// UpdateAPIKey says what the calls of a key are for that name no purpose.
func (a *API) UpdateAPIKey(w http.ResponseWriter, r *http.Request, keyID oapi.KeyID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		in, err := body[oapi.APIKeyPurpose](r)
		if err != nil {
			return struct{}{}, err
		}
		if err := a.Store.SetAPIKeyPurpose(r.Context(), keyID, call.Purpose(value(in.Purpose))); err != nil {
			return struct{}{}, storeError(err)
		}
		return struct{}{}, a.audit(r, "api_key_purpose_set", keyID, value(in.Purpose))
	})
}

// RevokeAPIKey makes a key useless at once.
func (a *API) RevokeAPIKey(w http.ResponseWriter, r *http.Request, keyID oapi.KeyID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		if err := a.Store.RevokeAPIKey(r.Context(), keyID); err != nil {
			return struct{}{}, storeError(err)
		}
		return struct{}{}, a.audit(r, "api_key_revoked", keyID, "")
	})
}
