package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// ChangeEndpoint changes where an endpoint's webhooks go and what is sent with them, and pauses or resumes it.
func (a *API) ChangeEndpoint(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Endpoint, error) {
		in, err := body[oapi.EndpointChange](r)
		if err != nil {
			return oapi.Endpoint{}, err
		}
		to := endpointTarget(in)
		e, err := a.Store.ChangeEndpoint(r.Context(), endpointID, to)
		if err != nil {
			return oapi.Endpoint{}, endpointError(err)
		}
		if to.State != nil || e.Health.Open() { // what was wrong with it may have been what was just changed
			a.tellWatch(r.Context(), e)
		}
		return endpointView(e, time.Now()), a.audit(r, "endpoint_changed", e.ID, changeDetail(e, to))
	})
}

func endpointTarget(in oapi.EndpointChange) store.EndpointTarget {
	to := store.EndpointTarget{URL: in.URL, APIKey: in.APIKey, Headers: in.Headers, Name: in.Name, EventTypes: in.EventTypes, Filter: filterOf(in.Filter),
		Schedule: waits(in.ScheduleSeconds), MaxPerSecond: in.MaxPerSecond}
	if in.TLS != nil {
		to.TLS = &store.EndpointTLS{ClientCert: in.TLS.ClientCertificate, ClientKey: in.TLS.ClientKey, CA: in.TLS.CA}
	}
	if in.State != nil {
		to.State = new(store.EndpointState(*in.State))
	}
	return to
}

// tellWatch makes the watch over the endpoint look at once: it would wait for up to ten minutes else. The watch of a hold
// that a pause has just taken over, for a breaker was open, hands its deliveries to that of the pause. A failure is only
// logged: what was asked for is stored, and the watch's next look finds it.
func (a *API) tellWatch(ctx context.Context, e store.Endpoint) {
	hold := e.Health.Holds
	if e.State == store.EndpointPaused {
		hold--
	}
	if err := a.Workflows.EndpointWell(ctx, e.ID, hold); err != nil {
		a.Logger.Warn().Err(err).Str("endpoint_id", e.ID).Msg("cannot reach the watch over an endpoint yet")
	}
}

// changeDetail says for the audit log what was changed, by its name only.
func changeDetail(e store.Endpoint, to store.EndpointTarget) string {
	said := []string{webhook.RedactURL(e.URL)}
	if to.APIKey != nil {
		said = append(said, "with another key")
	}
	if to.Headers != nil {
		said = append(said, "custom headers: "+names(slices.Sorted(maps.Keys(to.Headers))))
	}
	if to.TLS != nil {
		said = append(said, "certificates: "+names(certificates(*to.TLS)))
	}
	if to.EventTypes != nil {
		said = append(said, "events: "+names(to.EventTypes))
	}
	for _, part := range []struct {
		what    string
		changed bool
	}{{"filter", to.Filter != nil}, {"schedule", to.Schedule != nil}, {"rate limit", to.MaxPerSecond != nil}, {"name", to.Name != nil}} {
		if part.changed {
			said = append(said, "another "+part.what)
		}
	}
	if to.State != nil {
		said = append(said, string(*to.State))
	}
	return strings.Join(said, ", ")
}

func certificates(t store.EndpointTLS) (kinds []string) {
	if t.ClientCert != "" {
		kinds = append(kinds, "the client's")
	}
	if t.CA != "" {
		kinds = append(kinds, "an own authority")
	}
	return kinds
}

func names(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, " ")
}
