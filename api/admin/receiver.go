package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

// What a receiver's link may do: a resend, a rotation or a trial a second, some at once.
const (
	receiverActsPerSecond, receiverActsAtOnce = 1, 20
	receiversLimited                          = 2000
)

type receiverKey struct{}

// receiverOf returns the link of the request. Behind admitReceiver there always is one.
func receiverOf(ctx context.Context) store.ReceiverLink {
	l, _ := ctx.Value(receiverKey{}).(store.ReceiverLink)
	return l
}

// admitReceiver puts the link into the context whose token came with the request, and a user without any role, by whose name the audit
// log knows it. A session opens none of what a link does, and a token nothing else.
func (a *API) admitReceiver(ctx context.Context, r *http.Request) (context.Context, error) {
	token, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !given {
		if _, err := a.sessionUser(ctx); err != nil {
			return ctx, err
		}
		return ctx, problem.RefuseWith(problem.Forbidden, "Only a receiver's link opens this.")
	}
	link, err := a.Store.CheckReceiverToken(ctx, token)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return ctx, problem.RefuseWith(problem.NoSession, "This link has expired, was revoked, or is incomplete. Ask for a new one.")
	case err != nil:
		return ctx, problem.Unable(problem.StoreUnavailable, err)
	}
	if r.Method != http.MethodGet {
		if wait, ok := a.acts.take(link.ID, time.Now()); !ok {
			return ctx, &problem.Error{Code: problem.RateLimited, RetryAfter: wait}
		}
	}
	note(ctx).userID = link.ID
	ctx = context.WithValue(ctx, receiverKey{}, link)
	return context.WithValue(ctx, userKey{}, store.User{ID: link.ID, Name: "receiver: " + link.Name}), nil
}

// receiverActs bounds what each link does, and its own memory.
type receiverActs struct {
	buckets *lru.Cache[string, *rate.Limiter]
}

func newReceiverActs() *receiverActs {
	buckets, _ := lru.New[string, *rate.Limiter](receiversLimited) // its only error is for a size below one
	return &receiverActs{buckets}
}

func (l *receiverActs) take(id string, now time.Time) (wait time.Duration, ok bool) {
	fresh := rate.NewLimiter(receiverActsPerSecond, receiverActsAtOnce)
	bucket, known, _ := l.buckets.PeekOrAdd(id, fresh)
	if !known {
		bucket = fresh
	}
	act := bucket.ReserveN(now, 1)
	if wait = act.DelayFrom(now); wait > 0 {
		act.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// GetReceiver answers the link's endpoint.
func (a *API) GetReceiver(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Receiver, error) {
		link := receiverOf(r.Context())
		e, err := a.Store.Endpoint(r.Context(), link.EndpointID)
		if err != nil {
			return oapi.Receiver{}, storeError(err)
		}
		return oapi.Receiver{Endpoint: endpointView(e, time.Now()), Link: receiverLinkView(link, time.Now())}, nil
	})
}

// ListReceiverDeliveries answers a page of the endpoint's deliveries.
func (a *API) ListReceiverDeliveries(w http.ResponseWriter, r *http.Request, p oapi.ListReceiverDeliveriesParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DeliveryPage, error) {
		return a.deliveryPage(r.Context(), store.DeliveryFilter{
			EndpointID: receiverOf(r.Context()).EndpointID, States: deliveryStates(value(p.State)), Limit: value(p.Limit), Cursor: value(p.Cursor),
		})
	})
}

// GetReceiverDelivery answers a delivery to the endpoint.
func (a *API) GetReceiverDelivery(w http.ResponseWriter, r *http.Request, eventID oapi.EventID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DeliveryDetail, error) {
		d, err := a.receiverDelivery(r.Context(), eventID)
		if err != nil {
			return oapi.DeliveryDetail{}, err
		}
		c, err := a.Store.Call(r.Context(), d.CallID)
		if err != nil {
			return oapi.DeliveryDetail{}, storeError(err)
		}
		return a.deliveryDetail(r.Context(), c, d)
	})
}

// receiverDelivery is a delivery to the link's endpoint. Those to others are as if they were not there.
func (a *API) receiverDelivery(ctx context.Context, eventID string) (store.Delivery, error) {
	d, err := a.Store.Delivery(ctx, eventID)
	if err == nil && d.EndpointID != receiverOf(ctx).EndpointID {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Delivery{}, storeError(err)
	}
	return d, nil
}

// ResendReceiverDelivery sends a delivery to the endpoint once more.
func (a *API) ResendReceiverDelivery(w http.ResponseWriter, r *http.Request, eventID oapi.EventID) {
	answer(a, w, r, http.StatusAccepted, func(r *http.Request) (struct{}, error) {
		d, err := a.receiverDelivery(r.Context(), eventID)
		if err != nil {
			return struct{}{}, err
		}
		replay, err := a.Replays.Begin(r.Context(), store.NewReplay{
			Selection: store.ReplaySelection{EventIDs: []string{d.EventID}}, RatePerSecond: 1, CreatedBy: userOf(r.Context()).Name,
		})
		if err != nil {
			return struct{}{}, replayError(err)
		}
		return struct{}{}, a.audit(r, "replay_begun", replay.ID, d.EventID)
	})
}

// RotateReceiverSecret gives the endpoint a new signing secret and shows it this once.
func (a *API) RotateReceiverSecret(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.RotatedSecret, error) {
		in, err := body[oapi.ReceiverRotation](r)
		if err != nil {
			return oapi.RotatedSecret{}, err
		}
		return a.rotateSecret(r, receiverOf(r.Context()).EndpointID, inSeconds(in.OverlapSeconds))
	})
}

// ListReceiverTrials answers the trials that fit the endpoint.
func (a *API) ListReceiverTrials(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrialList, error) { return a.trials(r, receiverOf(r.Context()).EndpointID) })
}

// RunReceiverTrial puts the endpoint's receiver to one trial.
func (a *API) RunReceiverTrial(w http.ResponseWriter, r *http.Request, name oapi.TrialName) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrialResult, error) {
		return a.runTrial(r, receiverOf(r.Context()).EndpointID, name)
	})
}
