package admin

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

// PreviewReplay answers what a selection chooses.
func (a *API) PreviewReplay(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.ReplayPreview, error) {
		in, err := body[oapi.ReplayPreviewRequest](r)
		if err != nil {
			return oapi.ReplayPreview{}, err
		}
		p, err := a.Store.PreviewReplay(r.Context(), replaySelection(in.Selection))
		if err != nil {
			return oapi.ReplayPreview{}, replayError(err)
		}
		preview := oapi.ReplayPreview{Count: p.Count, Oldest: utc(p.Oldest), Newest: utc(p.Newest), ByAnswer: answerCounts(p.ByAnswer)}
		preview.ByState.Pending, preview.ByState.Parked = p.ByState[store.DeliveryPending], p.ByState[store.DeliveryParked]
		preview.ByState.Dead, preview.ByState.Delivered = p.ByState[store.DeliveryDead], p.ByState[store.DeliveryDelivered]
		return preview, nil
	})
}

// CreateReplay begins to send a selection again.
func (a *API) CreateReplay(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.Replay, error) {
		in, err := body[oapi.ReplayRequest](r)
		if err != nil {
			return oapi.Replay{}, err
		}
		replay, err := a.Replays.Begin(r.Context(), store.NewReplay{
			Selection: replaySelection(in.Selection), RatePerSecond: in.RatePerSecond, CreatedBy: userOf(r.Context()).Name,
		})
		if err != nil {
			return oapi.Replay{}, replayError(err)
		}
		detail := fmt.Sprintf("%d deliveries, %d a second", replay.Total, replay.RatePerSecond)
		return replayView(replay), a.audit(r, "replay_begun", replay.ID, detail)
	})
}

// ListReplays answers a page of replays.
func (a *API) ListReplays(w http.ResponseWriter, r *http.Request, p oapi.ListReplaysParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.ReplayPage, error) {
		page, err := a.Store.Replays(r.Context(), value(p.Cursor), value(p.Limit))
		if err != nil {
			return oapi.ReplayPage{}, storeError(err)
		}
		list := oapi.ReplayPage{Items: make([]oapi.Replay, len(page.Replays)), NextCursor: optional(page.Next)}
		for i, replay := range page.Replays {
			list.Items[i] = replayView(replay)
		}
		return list, nil
	})
}

// GetReplay answers a replay and how far it is.
func (a *API) GetReplay(w http.ResponseWriter, r *http.Request, replayID oapi.ReplayID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Replay, error) {
		replay, err := a.Store.Replay(r.Context(), replayID)
		if err != nil {
			return oapi.Replay{}, storeError(err)
		}
		return replayView(replay), nil
	})
}

// PauseReplay holds a replay.
func (a *API) PauseReplay(w http.ResponseWriter, r *http.Request, replayID oapi.ReplayID) {
	a.steerReplay(w, r, replayID, store.ReplayPaused, "replay_paused")
}

// ResumeReplay goes on with a paused replay.
func (a *API) ResumeReplay(w http.ResponseWriter, r *http.Request, replayID oapi.ReplayID) {
	a.steerReplay(w, r, replayID, store.ReplayRunning, "replay_resumed")
}

// CancelReplay ends a replay early.
func (a *API) CancelReplay(w http.ResponseWriter, r *http.Request, replayID oapi.ReplayID) {
	a.steerReplay(w, r, replayID, store.ReplayCancelled, "replay_cancelled")
}

// steerReplay writes into the audit log also what Temporal did not hear of: the store has it.
func (a *API) steerReplay(w http.ResponseWriter, r *http.Request, id string, to store.ReplayState, action string) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Replay, error) {
		replay, err := a.Replays.Steer(r.Context(), id, to)
		if err != nil && !errors.Is(err, workflows.ErrTemporalUnavailable) {
			return oapi.Replay{}, replayError(err)
		}
		detail := fmt.Sprintf("%d of %d left", replay.Left(), replay.Total)
		if unseen := a.audit(r, action, replay.ID, detail); unseen != nil {
			return oapi.Replay{}, unseen
		}
		if err != nil {
			return oapi.Replay{}, replayError(err)
		}
		return replayView(replay), nil
	})
}

func replaySelection(in oapi.ReplaySelection) store.ReplaySelection {
	s := store.ReplaySelection{
		EventIDs: in.EventIds, Since: in.Since, Until: in.Until, TrunkID: value(in.TrunkID), EndpointID: value(in.EndpointID),
		Answer: store.DeliveryAnswer(value(in.Answer)),
	}
	for _, status := range in.CallStatus {
		s.CallStatuses = append(s.CallStatuses, call.CallStatus(status))
	}
	for _, state := range in.State {
		s.States = append(s.States, store.DeliveryState(state))
	}
	return s
}

func selectionView(s store.ReplaySelection) oapi.ReplaySelection {
	view := oapi.ReplaySelection{
		EventIds: s.EventIDs, Since: utc(s.Since), Until: utc(s.Until), TrunkID: optional(s.TrunkID), EndpointID: optional(s.EndpointID),
		Answer: optional(string(s.Answer)),
	}
	for _, status := range s.CallStatuses {
		view.CallStatus = append(view.CallStatus, string(status))
	}
	for _, state := range s.States {
		view.State = append(view.State, string(state))
	}
	return view
}

func replayView(r store.Replay) oapi.Replay {
	view := oapi.Replay{
		ReplayID: r.ID, State: string(r.State), Selection: selectionView(r.Selection), RatePerSecond: r.RatePerSecond,
		Total: r.Total, Sent: r.Sent(), Succeeded: r.Succeeded, Failed: r.Failed, Skipped: r.Skipped, Left: r.Left(),
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.UTC(), FinishedAt: utc(r.FinishedAt),
	}
	if rest, ok := r.Remaining(time.Now()); ok {
		view.EtaSeconds = new(int(math.Ceil(rest.Seconds())))
	}
	return view
}

// replayError is the problem of what stands in a replay's way.
func replayError(err error) error {
	switch {
	case errors.Is(err, store.ErrInvalid):
		return problem.Invalid(problem.Field{Field: "selection", Message: reason(err, store.ErrInvalid)})
	case errors.Is(err, store.ErrConflict):
		return problem.RefuseWith(problem.Conflict, capital(reason(err, store.ErrConflict)))
	case errors.Is(err, workflows.ErrTemporalUnavailable):
		return problem.Unable(problem.TemporalUnavailable, err)
	default:
		return storeError(err)
	}
}

// reason is what the store says after the kind of its error.
func reason(err, kind error) string {
	_, text, _ := strings.Cut(err.Error(), kind.Error()+": ")
	return text
}

func capital(text string) string {
	return strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):] + "."
}
