package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// liveKitWebhook is the path that LiveKit posts its events to.
const liveKitWebhook = "/webhooks/livekit"

func (a *API) settingsView(s store.Settings) oapi.Settings {
	k, queueWait := s.Knobs, seconds(s.Admission.QueueWait)
	view := oapi.Settings{
		Version: s.Version,
		Livekit: oapi.LiveKitSettings{URL: s.LiveKit.URL, APIKey: s.LiveKit.APIKey, APISecret: secretState(s.LiveKit.APISecret)},
		Call: oapi.CallKnobs{
			ConnectTimeoutSeconds: seconds(k.ConnectTimeout), RingTimeoutSeconds: seconds(k.RingTimeout),
			MaxCallDurationSeconds: seconds(k.MaxCallDuration), AgentRejoinGraceSeconds: seconds(k.AgentRejoinGrace),
			MediaTimeoutSeconds: seconds(k.MediaTimeout),
			PollIntervalMs:      int(k.PollInterval.Milliseconds()), ReconcileIntervalSeconds: seconds(k.ReconcileInterval),
			AnswerDetection: string(k.AnswerDetection), RequireAgent: k.RequireAgent,
		},
		AllowedOrigins: append([]string{}, s.AllowedOrigins...),
		Limits: oapi.CallLimits{MaxConcurrentCalls: s.Limits.Concurrent, MaxCallsPerSecond: s.Limits.PerSecond,
			OneCallPerAgent: &s.Admission.OneCallPerAgent, RefuseWhenBusy: &s.Admission.RefuseWhenBusy, QueueWaitSeconds: &queueWait},
		Breaker:  &oapi.BreakerRule{Dials: s.Breaker.Dials, SharePercent: s.Breaker.Share, Minimum: s.Breaker.Minimum},
		Delivery: oapi.DeliveryRules{ScheduleSeconds: make([]int, len(s.DeliverySchedule)), HTTPSOnly: s.WebhookHTTPSOnly},
	}
	for i, wait := range s.DeliverySchedule {
		view.Delivery.ScheduleSeconds[i] = seconds(wait)
	}
	if _, ok := originOf(a.PublicURL); ok {
		hook := strings.TrimRight(a.PublicURL, "/") + liveKitWebhook
		view.LivekitWebhookURL = &hook
	}
	return view
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// secretState shows the last four characters of a secret that is long enough to hide behind them.
func secretState(secret string) oapi.SecretState {
	const show, worthHiding = 4, 16
	state := oapi.SecretState{Set: secret != ""}
	if runes := []rune(secret); len(runes) >= worthHiding {
		state.LastFour = string(runes[len(runes)-show:])
	}
	return state
}

// GetSettings answers the settings.
func (a *API) GetSettings(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Settings, error) {
		s, err := a.currentSettings(r)
		if err != nil {
			return oapi.Settings{}, err
		}
		w.Header().Set("ETag", strconv.Quote(strconv.FormatInt(s.Version, 10)))
		return a.settingsView(s), nil
	})
}

// currentSettings reads them from the store, not from a cache: what is edited must be what is.
func (a *API) currentSettings(r *http.Request) (store.Settings, error) {
	s, err := a.Store.Settings(r.Context())
	if errors.Is(err, store.ErrNotFound) { // before the first start was done
		return store.Settings{Knobs: call.DefaultKnobs(), DeliverySchedule: store.DefaultDeliverySchedule(), WebhookHTTPSOnly: true,
			Breaker: call.DefaultBreakerRule()}, nil
	}
	return s, storeError(err)
}

// UpdateSettings saves the settings, after LiveKit has accepted its credentials if these change.
func (a *API) UpdateSettings(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Settings, error) {
		saved, err := a.updateSettings(r)
		if err != nil {
			return oapi.Settings{}, err
		}
		w.Header().Set("ETag", strconv.Quote(strconv.FormatInt(saved.Version, 10)))
		return a.settingsView(saved), nil
	})
}

func (a *API) updateSettings(r *http.Request) (store.Settings, error) {
	in, err := body[oapi.SettingsInput](r)
	if err != nil {
		return store.Settings{}, err
	}
	old, err := a.currentSettings(r)
	if err != nil {
		return store.Settings{}, err
	}
	if err := ownSecret(old.LiveKit, in.Livekit, "livekit.api_secret"); err != nil {
		return store.Settings{}, err
	}
	changed := changedBy(old, in)
	if changed.LiveKit != old.LiveKit && changed.LiveKit != (store.LiveKitSettings{}) {
		err := a.LiveKit.CheckCredentials(r.Context(), livekit.Credentials(changed.LiveKit))
		if err != nil && !errors.Is(err, livekit.ErrAutoCreates) { // a key may be changed while that is not mended
			return store.Settings{}, problem.RefuseWith(problem.LiveKitCheckFailed, sentence(err)+". Nothing was saved.")
		}
	}
	err = a.Store.SaveSettings(r.Context(), changed, userOf(r.Context()).Name)
	switch {
	case errors.Is(err, store.ErrConflict):
		return store.Settings{}, problem.RefuseWith(problem.Conflict, "Somebody saved the settings in between. Reload them and make your change again.")
	case errors.Is(err, store.ErrInvalid):
		_, message, _ := strings.Cut(err.Error(), store.ErrInvalid.Error()+": ")
		return store.Settings{}, problem.RefuseWith(problem.InvalidRequest, message)
	case err != nil:
		return store.Settings{}, storeError(err)
	}
	changed.Version++
	return changed, a.audit(r, "settings_changed", "version "+strconv.FormatInt(changed.Version, 10), "")
}

// changedBy is what the settings become. A secret that is not given stays, and so does what the console does not know.
func changedBy(old store.Settings, in oapi.SettingsInput) store.Settings {
	s := old
	s.Version = in.Version
	s.LiveKit.URL, s.LiveKit.APIKey = in.Livekit.URL, in.Livekit.APIKey
	if in.Livekit.APISecret != nil {
		s.LiveKit.APISecret = *in.Livekit.APISecret
	}
	k := &s.Knobs
	k.ConnectTimeout, k.RingTimeout = inSeconds(in.Call.ConnectTimeoutSeconds), inSeconds(in.Call.RingTimeoutSeconds)
	k.MaxCallDuration, k.AgentRejoinGrace = inSeconds(in.Call.MaxCallDurationSeconds), inSeconds(in.Call.AgentRejoinGraceSeconds)
	k.PollInterval = time.Duration(in.Call.PollIntervalMs) * time.Millisecond
	k.ReconcileInterval = inSeconds(in.Call.ReconcileIntervalSeconds)
	k.MediaTimeout = inSeconds(in.Call.MediaTimeoutSeconds)
	k.AnswerDetection, k.RequireAgent = call.Detection(in.Call.AnswerDetection), in.Call.RequireAgent
	s.AllowedOrigins, s.WebhookHTTPSOnly, s.DeliverySchedule = in.AllowedOrigins, in.Delivery.HTTPSOnly, nil
	if in.Limits != nil {
		s.Limits = call.Limits{Concurrent: in.Limits.MaxConcurrentCalls, PerSecond: in.Limits.MaxCallsPerSecond}
		s.Admission = admissionOf(*in.Limits, s.Admission)
	}
	if b := in.Breaker; b != nil {
		s.Breaker = call.BreakerRule{Dials: b.Dials, Share: b.SharePercent, Minimum: b.Minimum}
	}
	for _, wait := range in.Delivery.ScheduleSeconds {
		s.DeliverySchedule = append(s.DeliverySchedule, inSeconds(wait))
	}
	return s
}

func admissionOf(in oapi.CallLimits, old call.Admission) call.Admission {
	a := old
	if in.OneCallPerAgent != nil {
		a.OneCallPerAgent = *in.OneCallPerAgent
	}
	if in.RefuseWhenBusy != nil {
		a.RefuseWhenBusy = *in.RefuseWhenBusy
	}
	if in.QueueWaitSeconds != nil {
		a.QueueWait = inSeconds(*in.QueueWaitSeconds)
	}
	return a
}

func inSeconds(n int) time.Duration { return time.Duration(n) * time.Second }

// CheckLiveKit tries LiveKit credentials without saving them.
func (a *API) CheckLiveKit(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.LiveKitCheck, error) {
		in, err := body[oapi.LiveKitInput](r)
		if err != nil {
			return oapi.LiveKitCheck{}, err
		}
		stored, err := a.currentSettings(r)
		if err != nil {
			return oapi.LiveKitCheck{}, err
		}
		if err := ownSecret(stored.LiveKit, in, "api_secret"); err != nil {
			return oapi.LiveKitCheck{}, err
		}
		creds := livekit.Credentials{URL: in.URL, APIKey: in.APIKey, APISecret: stored.LiveKit.APISecret}
		if in.APISecret != nil {
			creds.APISecret = *in.APISecret
		}
		check := oapi.LiveKitCheck{Ok: true, Message: "LiveKit accepts these credentials and has SIP."}
		if err := a.LiveKit.CheckCredentials(r.Context(), creds); err != nil {
			check = oapi.LiveKitCheck{Problem: liveKitProblem(err), Message: sentence(err) + "."}
		}
		return check, a.audit(r, "livekit_checked", in.URL, check.Message)
	})
}

// ownSecret refuses another server without a secret of its own: signed with the stored one, the request that tries the
// credentials would hand whoever answers there a token that our LiveKit obeys.
func ownSecret(stored store.LiveKitSettings, in oapi.LiveKitInput, field string) error {
	if in.APISecret != nil || stored.APISecret == "" || sameServer(stored.URL, in.URL) {
		return nil
	}
	return problem.Invalid(problem.Field{Field: field, Message: "must be typed again for another server: the stored one is sent to nobody else"})
}

func sameServer(a, b string) bool {
	one, errA := url.Parse(a)
	other, errB := url.Parse(b)
	return errA == nil && errB == nil && strings.EqualFold(one.Scheme, other.Scheme) && strings.EqualFold(one.Host, other.Host)
}

// sentence is livekit's sentence for the operator, with what stands behind it.
func sentence(err error) string { return strings.TrimPrefix(err.Error(), "check credentials: ") }

func liveKitProblem(err error) *string {
	for name, cause := range map[string]error{
		"wrong_key": livekit.ErrWrongKey, "wrong_secret": livekit.ErrWrongSecret, "clock": livekit.ErrClock, "no_sip": livekit.ErrNoSIP,
		"auto_creates": livekit.ErrAutoCreates,
	} {
		if errors.Is(err, cause) {
			return &name
		}
	}
	unreachable := "unreachable"
	return &unreachable
}

// ListSettingsHistory answers who changed what.
func (a *API) ListSettingsHistory(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.SettingsHistory, error) {
		changes, err := a.Store.SettingsHistory(r.Context())
		if err != nil {
			return oapi.SettingsHistory{}, storeError(err)
		}
		history := oapi.SettingsHistory{Changes: make([]oapi.SettingsChange, len(changes))}
		for i, c := range changes {
			view := oapi.SettingsChange{Version: c.Version, At: c.At.UTC(), By: c.By, Fields: make([]oapi.SettingsFieldChange, len(c.Fields))}
			for j, f := range c.Fields {
				view.Fields[j] = oapi.SettingsFieldChange{Field: f.Field, Old: optional(string(f.Old)), New: optional(string(f.New))}
			}
			history.Changes[i] = view
		}
		return history, nil
	})
}
