package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// GetCall answers a call with its evidence and its delivery.
func (a *API) GetCall(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.CallDetail, error) { return a.callDetail(r.Context(), callID) })
}

func (a *API) callDetail(ctx context.Context, id string) (oapi.CallDetail, error) {
	c, err := a.find(ctx, id)
	if err != nil {
		return oapi.CallDetail{}, err
	}
	names, err := a.labels(ctx)
	if err != nil {
		return oapi.CallDetail{}, err
	}
	entries, err := a.Store.Timeline(ctx, c.ID)
	if err != nil {
		return oapi.CallDetail{}, storeError(err)
	}
	detail := oapi.CallDetail{
		FurtherDeliveries: []oapi.DeliverySummary{},
		Call:              names.summary(c), Room: c.ID.Room(), Timeline: make([]oapi.TimelineEntry, len(entries)), TemporalURL: a.temporalURL(c.ID),
	}
	if c.Outcome == nil {
		detail.HeldAt = c.HeldAt
	}
	for i, e := range entries {
		detail.Timeline[i] = oapi.TimelineEntry{At: e.At.UTC(), Source: string(e.Source), Name: e.Name, Detail: masked(c, e.Detail)}
	}
	if detail.Attempts, err = a.attempts(ctx, c); err != nil {
		return oapi.CallDetail{}, err
	}
	d, err := a.Store.DeliveryOfCall(ctx, c.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return detail, nil
	case err != nil:
		return oapi.CallDetail{}, problem.Unable(problem.StoreUnavailable, err)
	}
	delivery, err := a.deliveryDetail(ctx, c, d)
	if err != nil {
		return oapi.CallDetail{}, err
	}
	detail.Delivery = &delivery
	return detail, a.addFurther(ctx, c, &detail)
}

// addFurther adds the deliveries of an outcome to the endpoints beside the default one.
func (a *API) addFurther(ctx context.Context, c call.Call, detail *oapi.CallDetail) error {
	all, err := a.Store.DeliveriesOfCall(ctx, c.ID)
	if err != nil {
		return storeError(err)
	}
	for _, d := range all {
		if d.EventID != c.ID.EventID() {
			detail.FurtherDeliveries = append(detail.FurtherDeliveries, deliverySummary(c, d, call.CallStatus(value(detail.Delivery.Delivery.CallStatus))))
		}
	}
	return nil
}

// temporalURL is the call's workflow in Temporal Web. Its id is the call's.
func (a *API) temporalURL(id call.ID) *string {
	if a.TemporalURL == "" {
		return nil
	}
	link := strings.TrimSuffix(a.TemporalURL, "/") + "/namespaces/" + url.PathEscape(a.TemporalNamespace) + "/workflows/" + url.PathEscape(string(id))
	return &link
}

// masked hides the customer's number wherever a text holds it.
func masked(c call.Call, text string) string { return call.MaskIn(text, c.CustomerNumber) }

// ListDeliveries answers a page of deliveries.
func (a *API) ListDeliveries(w http.ResponseWriter, r *http.Request, p oapi.ListDeliveriesParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DeliveryPage, error) {
		f := store.DeliveryFilter{
			TrunkID: value(p.TrunkID), Since: p.Since, Until: p.Until, Limit: value(p.Limit), Cursor: value(p.Cursor),
			Answer: store.DeliveryAnswer(value(p.Answer)), Search: strings.TrimSpace(value(p.Search)),
		}
		if p.CallStatus != nil {
			f.CallStatuses = []call.CallStatus{call.CallStatus(*p.CallStatus)}
		}
		f.States = deliveryStates(value(p.State))
		return a.deliveryPage(r.Context(), f)
	})
}

func deliveryStates(state string) []store.DeliveryState {
	switch state {
	case "":
		return nil
	case "waiting":
		return []store.DeliveryState{store.DeliveryPending, store.DeliveryParked}
	default:
		return []store.DeliveryState{store.DeliveryState(state)}
	}
}

func (a *API) deliveryPage(ctx context.Context, f store.DeliveryFilter) (oapi.DeliveryPage, error) {
	page, err := a.Store.ListDeliveries(ctx, f)
	if err != nil {
		return oapi.DeliveryPage{}, storeError(err)
	}
	list := oapi.DeliveryPage{Deliveries: make([]oapi.DeliverySummary, len(page.Deliveries)), NextCursor: optional(page.Next)}
	for i, d := range page.Deliveries {
		list.Deliveries[i] = deliverySummary(call.Call{CaseID: d.CaseID, CustomerNumber: d.CustomerNumber}, d.Delivery, d.CallStatus)
	}
	return list, nil
}

func deliverySummary(c call.Call, d store.Delivery, status call.CallStatus) oapi.DeliverySummary {
	return oapi.DeliverySummary{
		EventID: d.EventID, CallID: string(d.CallID), EndpointID: d.EndpointID, CaseID: c.CaseID, CallStatus: optional(status), State: string(d.State),
		Attempts: d.Attempts, CreatedAt: d.CreatedAt.UTC(), NextAttemptAt: utc(d.NextAttemptAt), DeliveredAt: utc(d.DeliveredAt),
		LastStatus: statusCode(d.LastStatus), LastError: masked(c, d.LastError),
	}
}

// statusCode is nil when there was no answer.
func statusCode(status int) *int {
	if status == 0 {
		return nil
	}
	return &status
}

// GetDelivery answers a delivery with its attempts.
func (a *API) GetDelivery(w http.ResponseWriter, r *http.Request, eventID oapi.EventID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DeliveryDetail, error) {
		d, err := a.Store.Delivery(r.Context(), eventID)
		if err != nil {
			return oapi.DeliveryDetail{}, storeError(err)
		}
		c, err := a.Store.Call(r.Context(), d.CallID)
		if err != nil {
			return oapi.DeliveryDetail{}, storeError(err)
		}
		return a.deliveryDetail(r.Context(), c, d)
	})
}

func (a *API) deliveryDetail(ctx context.Context, c call.Call, d store.Delivery) (oapi.DeliveryDetail, error) {
	attempts, err := a.Store.Attempts(ctx, d.EventID)
	if err != nil {
		return oapi.DeliveryDetail{}, storeError(err)
	}
	var status call.CallStatus
	if c.Outcome != nil {
		status = c.Outcome.CallStatus
	}
	detail := oapi.DeliveryDetail{
		Delivery: deliverySummary(c, d, status), MaskedBody: masked(c, string(d.Body)), Attempts: make([]oapi.Attempt, len(attempts)),
	}
	for i, t := range attempts {
		detail.Attempts[i] = attemptView(c, t)
	}
	return detail, nil
}

func attemptView(c call.Call, t store.Attempt) oapi.Attempt {
	return oapi.Attempt{
		N: t.N, Trigger: string(t.Trigger), StartedAt: t.StartedAt.UTC(), URL: t.URL, Status: statusCode(t.Status),
		ErrorClass: t.ErrorClass, Error: masked(c, t.Error), RemoteAddress: t.RemoteAddr,
		DNSMs: milliseconds(t.DNS), ConnectMs: milliseconds(t.Connect), TLSMs: milliseconds(t.TLS),
		FirstByteMs: milliseconds(t.FirstByte), TotalMs: milliseconds(t.Total),
		RequestHeaders: maskedHeaders(c, t.RequestHeaders), ResponseHeaders: maskedHeaders(c, t.ResponseHeaders),
		ResponseBody: masked(c, strings.ToValidUTF8(string(t.ResponseBody), "\uFFFD")), Truncated: t.Truncated, NextAttemptAt: utc(t.NextAttemptAt),
	}
}

func maskedHeaders(c call.Call, headers map[string][]string) map[string][]string {
	shown := make(map[string][]string, len(headers))
	for name, values := range headers {
		for _, v := range values {
			shown[name] = append(shown[name], masked(c, v))
		}
	}
	return shown
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
