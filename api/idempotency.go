package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
	// maxClaims bounds how often one request meets an idempotency key whose call was refused.
	maxClaims = 2
)

func idempotencyKeyFault(key string) string {
	if key == "" || len(key) > maxIdempotencyKey {
		return "must have 1 to 255 characters"
	}
	for i := range len(key) {
		if key[i] < 0x20 || key[i] > 0x7e {
			return "must hold printable ASCII characters only"
		}
	}
	return ""
}

// earlierCall finds the accepted call of an earlier request with the same key and body, so that it is answered again
// whatever has become of the trunks since. When that cannot be told, the claim of the key decides.
func (a *API) earlierCall(ctx context.Context, request oapi.PlaceCallRequest, key *string) (call.ID, bool) {
	if key == nil {
		return "", false
	}
	hash, err := bodyHash(request)
	if err != nil {
		return "", false
	}
	id, err := a.Store.CallOfIdempotencyKey(ctx, note(ctx).caller, *key, hash, a.Now())
	if err != nil {
		return "", false
	}
	_, err = a.Store.Call(ctx, id)
	return id, err == nil
}

// openOnce opens the call that is prepared, or returns the one that an earlier request with the same key opened; then
// replayed is true and the row that was prepared is withdrawn.
//
// The row is inserted before the key is claimed. So whoever finds a claimed key also finds a row that can be accepted,
// and can join the opening of that call instead of racing it. Who only joins gives its turn to open one back, by opened.
func (a *API) openOnce(ctx context.Context, p *prepared, request oapi.PlaceCallRequest, key *string, opened func()) (id call.ID, replayed bool, err error) {
	if key == nil {
		_, err := a.open(ctx, p, p.call.ID)
		return p.call.ID, false, err
	}
	hash, err := bodyHash(request)
	if err != nil {
		return "", false, err
	}
	owner := note(ctx).caller
	for range maxClaims {
		claimed, fresh, err := a.Store.ClaimIdempotencyKey(ctx, owner, *key, hash, p.call.ID, a.Now())
		switch {
		case errors.Is(err, store.ErrConflict):
			return "", false, a.withdraw(ctx, p, problem.Refuse(problem.IdempotencyConflict))
		case err != nil:
			return "", false, a.withdraw(ctx, p, problem.Unable(problem.StoreUnavailable, err))
		case fresh:
			return p.call.ID, false, a.openClaimed(ctx, p, owner, *key)
		}
		opened()
		v, err := a.join(ctx, p, claimed)
		if v != refused {
			return claimed, true, a.withdraw(ctx, p, err)
		}
		// The earlier request was refused, and will free its key unless its process died: this one opens its own call.
		if err := a.Store.ReleaseIdempotencyKey(ctx, owner, *key, claimed); err != nil {
			return "", false, a.withdraw(ctx, p, problem.Unable(problem.StoreUnavailable, err))
		}
	}
	return "", false, a.withdraw(ctx, p, problem.Unable(problem.TemporalUnavailable, errors.New("the idempotency key's calls kept being refused")))
}

// openClaimed opens a call that owns its key, and frees the key when the call was refused, so that a retry can open
// another. While nobody knows, the key stays claimed: a retry then joins this call if it lives after all.
func (a *API) openClaimed(ctx context.Context, p *prepared, owner, key string) error {
	v, err := a.open(ctx, p, p.call.ID)
	if v != refused {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	if releaseErr := a.Store.ReleaseIdempotencyKey(ctx, owner, key, p.call.ID); releaseErr != nil {
		// The next request with the key finds its call refused, and frees the key itself.
		return errors.Join(err, fmt.Errorf("release idempotency key: %w", releaseErr))
	}
	return err
}

// join waits until the call that owns the key is accepted: at once when it was, else together with the request that is
// opening it.
func (a *API) join(ctx context.Context, p *prepared, claimed call.ID) (verdict, error) {
	_, err := a.Store.Call(ctx, claimed)
	switch {
	case err == nil:
		return accepted, nil
	case !errors.Is(err, store.ErrNotFound):
		return accepted, problem.Unable(problem.StoreUnavailable, err)
	}
	return a.open(ctx, p, claimed)
}

// withdraw deletes the row that was prepared, and returns err. A row that stays is invisible and starts nothing.
func (a *API) withdraw(ctx context.Context, p *prepared, err error) error {
	if _, settleErr := a.settle(ctx, p.call.ID); settleErr != nil {
		note(ctx).cause = settleErr
	}
	return err
}
