package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// AlertKind says what happened that an operator should know.
type AlertKind string

// The kinds of alert. Each is sent once for each change, not for each attempt.
const (
	AlertEndpointFailing AlertKind = "endpoint_failing" // a healthy endpoint failed for the first time
	AlertEndpointParked  AlertKind = "endpoint_parked"  // its breaker opened
	AlertEndpointWell    AlertKind = "endpoint_well"    // it takes webhooks again
	AlertDeliveryDead    AlertKind = "delivery_dead"

	AlertLedgerHealed     AlertKind = "ledger_healed"     // calls or deliveries had lost their workflows
	AlertLedgerUnresolved AlertKind = "ledger_unresolved" // and could not be repaired yet
	AlertLedgerUnbalanced AlertKind = "ledger_unbalanced" // sent by every check while it lasts
	AlertLedgerHeld       AlertKind = "ledger_held"       // too many calls to be ended without an operator's word; sent by every check while it lasts
	AlertForeignTemporal  AlertKind = "foreign_temporal"  // Temporal is not the one of this database; sent by every check while it lasts
	AlertWatchStarted     AlertKind = "watch_started"     // the Watch did not run

	AlertDeliveriesOverdue AlertKind = "deliveries_overdue" // sent by every check while it lasts

	AlertTrunkFailing AlertKind = "trunk_failing" // it is certain that nothing can be dialed through a trunk
	AlertTrunkWell    AlertKind = "trunk_well"
	AlertTrunkOpen    AlertKind = "trunk_open" // many of its dials fail: its breaker is open
	AlertTrunkClosed  AlertKind = "trunk_closed"
	AlertSIPFailing   AlertKind = "sip_failing" // it is certain that nothing can be dialed through any
	AlertSIPWell      AlertKind = "sip_well"
)

// alertKinds are all of them; a test finds the one that is missing here.
var alertKinds = []AlertKind{
	AlertEndpointFailing, AlertEndpointParked, AlertEndpointWell, AlertDeliveryDead, AlertLedgerHealed, AlertLedgerUnresolved, AlertLedgerUnbalanced,
	AlertLedgerHeld, AlertForeignTemporal, AlertWatchStarted, AlertDeliveriesOverdue,
	AlertTrunkFailing, AlertTrunkWell, AlertTrunkOpen, AlertTrunkClosed, AlertSIPFailing, AlertSIPWell,
}

// Alert is one message to operators. Text is a whole sentence and holds no phone number and no secret.
type Alert struct {
	Kind       AlertKind `json:"kind"`
	EndpointID string    `json:"endpoint_id,omitempty"`
	EventID    string    `json:"event_id,omitempty"`
	TrunkID    string    `json:"trunk_id,omitempty"`
	Text       string    `json:"text"`
}

// Alerter tells operators. It must not fail a delivery: whatever goes wrong is its own affair.
type Alerter interface {
	Alert(ctx context.Context, a Alert)
}

// LogAlerter writes alerts to the log.
type LogAlerter struct{ Log zerolog.Logger }

// Alert implements Alerter.
func (l LogAlerter) Alert(_ context.Context, a Alert) {
	event := l.Log.Error()
	if slices.Contains([]AlertKind{AlertEndpointWell, AlertTrunkWell, AlertTrunkClosed, AlertSIPWell}, a.Kind) {
		event = l.Log.Info()
	}
	if a.TrunkID != "" {
		event.Str("trunk", a.TrunkID)
	}
	event.Str("alert", string(a.Kind)).Str("endpoint_id", a.EndpointID).Str("event_id", a.EventID).Msg(a.Text)
}

// CountAlerter has an observer count alerts.
type CountAlerter struct{ observer AlertObserver }

// NewCountAlerter tells the observer which kinds there are: a count that begins with its first alert shows no increase.
func NewCountAlerter(o AlertObserver) CountAlerter {
	for _, kind := range alertKinds {
		o.Alerts(string(kind), 0)
	}
	return CountAlerter{o}
}

// Alert implements Alerter.
func (c CountAlerter) Alert(_ context.Context, a Alert) { c.observer.Alerts(string(a.Kind), 1) }

// Alerters tells all of them.
type Alerters []Alerter

// Alert implements Alerter.
func (all Alerters) Alert(ctx context.Context, a Alert) {
	for _, one := range all {
		one.Alert(ctx, a)
	}
}

func deadAlert(delivery store.Delivery, r webhook.Result) Alert {
	return Alert{Kind: AlertDeliveryDead, EndpointID: delivery.EndpointID, EventID: delivery.EventID,
		Text: fmt.Sprintf("The CRM did not take the outcome %s in any of %d attempts; the last one: %s. Replay it when the CRM is well.",
			delivery.EventID, delivery.Round+1, r.Error)}
}

// healthAlert is what a change of an endpoint's health is worth telling, if anything.
func healthAlert(endpointID string, before, after store.EndpointHealth) *Alert {
	alert := func(kind AlertKind, text string) *Alert {
		return &Alert{Kind: kind, EndpointID: endpointID, Text: text}
	}
	switch {
	case !before.Open() && after.Open():
		return alert(AlertEndpointParked, fmt.Sprintf("The CRM's webhook URL keeps failing (%d times: %s). Deliveries are parked and none is lost; it is probed until it is well.", after.Failures, after.Reason))
	case before.Failures > 0 && after.Failures == 0:
		return alert(AlertEndpointWell, "The CRM's webhook URL takes webhooks again.")
	case before.Failures == 0 && after.Failures > 0:
		return alert(AlertEndpointFailing, "The CRM's webhook URL failed: "+after.Reason+". Attempts go on.")
	default:
		return nil
	}
}
