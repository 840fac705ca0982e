package admin

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/webhook/trial"
)

// shownResponse is how much of a receiver's response a trial shows, in bytes.
const shownResponse = 4 << 10

// ListTrials answers the trials that fit an endpoint.
func (a *API) ListTrials(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrialList, error) { return a.trials(r, endpointID) })
}

func (a *API) trials(r *http.Request, endpointID string) (oapi.TrialList, error) {
	to, err := a.requestTo(r, endpointID)
	if err != nil {
		return oapi.TrialList{}, err
	}
	list := oapi.TrialList{Trials: []oapi.Trial{}}
	for _, t := range trial.All(to) {
		list.Trials = append(list.Trials, trialView(t))
	}
	return list, nil
}

// RunTrial puts an endpoint's receiver to one trial.
func (a *API) RunTrial(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID, name oapi.TrialName) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrialResult, error) { return a.runTrial(r, endpointID, name) })
}

func (a *API) runTrial(r *http.Request, endpointID, name string) (oapi.TrialResult, error) {
	to, err := a.requestTo(r, endpointID)
	if err != nil {
		return oapi.TrialResult{}, err
	}
	res, err := trial.Run(r.Context(), a.Webhooks, to, name)
	switch {
	case errors.Is(err, trial.ErrUnknown):
		return oapi.TrialResult{}, problem.RefuseWith(problem.NotFound, "There is no such trial for this endpoint. Ask for the list of its trials.")
	case err != nil:
		return oapi.TrialResult{}, err
	}
	verdict := name + ": failed"
	if res.Passed {
		verdict = name + ": passed"
	}
	return trialResultView(res), a.audit(r, "receiver_tested", endpointID, verdict)
}

// requestTo is what every webhook to an endpoint has in common now.
func (a *API) requestTo(r *http.Request, endpointID string) (webhook.Request, error) {
	endpoint, err := a.Store.Endpoint(r.Context(), endpointID)
	if err != nil {
		return webhook.Request{}, storeError(err)
	}
	settings, err := a.currentSettings(r)
	if err != nil {
		return webhook.Request{}, err
	}
	to := activities.RequestTo(endpoint, time.Now())
	to.AllowHTTP = !settings.WebhookHTTPSOnly
	return to, nil
}

func trialView(t trial.Trial) oapi.Trial {
	return oapi.Trial{Name: t.Name, Group: string(t.Group), Title: t.Title, Sends: t.Sends, Expects: t.Expects}
}

func trialResultView(res trial.Result) oapi.TrialResult {
	view := oapi.TrialResult{
		Trial: trialView(res.Trial), Passed: res.Passed, Came: res.Came, Advice: optional(res.Advice), StartedAt: res.StartedAt, TookMs: milliseconds(res.Took),
		Exchanges: make([]oapi.TrialExchange, len(res.Exchanges)),
	}
	for i, e := range res.Exchanges {
		shown := e.ResponseBody[:min(len(e.ResponseBody), shownResponse)]
		view.Exchanges[i] = oapi.TrialExchange{
			What: e.What, EventID: e.EventID, Expected: string(e.Expected), Ok: e.OK, Status: statusCode(e.Status), ErrorClass: string(e.Class), Error: e.Error,
			FirstByteMs: milliseconds(e.FirstByte), TotalMs: milliseconds(e.Total), RequestHeaders: headersView(e.RequestHeaders), RequestBody: string(e.Body),
			ResponseHeaders: headersView(e.ResponseHeaders), ResponseBody: strings.ToValidUTF8(string(shown), "\uFFFD"),
			Truncated: e.Truncated || len(e.ResponseBody) > shownResponse,
		}
	}
	return view
}

// headersView is never nil, and has nothing that JSON cannot say.
func headersView(h http.Header) map[string][]string {
	view := make(map[string][]string, len(h))
	for name, values := range h {
		for _, v := range values {
			view[name] = append(view[name], strings.ToValidUTF8(v, "\uFFFD"))
		}
	}
	return view
}
