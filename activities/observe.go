package activities

import (
	"encoding/json"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// CallObserver counts calls. It must be quick and safe for concurrent use.
type CallObserver interface {
	// CallEnded is told of every call once, when its outcome is recorded. connected is nil when nobody was dialed.
	CallEnded(created time.Time, connected *time.Time, o call.Outcome)
	// DialReplyUnlisted is told of a reply to a dial that no rule knows; code is Twirp's, of which there are few.
	DialReplyUnlisted(code string)
}

// WatchObserver is told of the Watch. It must be quick and safe for concurrent use.
type WatchObserver interface {
	// WatchRound is told after each round through the rooms of live calls, every few seconds of one that takes long, and also when there
	// was none to look at.
	WatchRound()
	// WatchLate is told with it how much later than it should be the room is looked into whose turn is most overdue; and 0 when the
	// process watches no more.
	WatchLate(late time.Duration)
	// SweepFailed is told of a search for rooms of calls that are over that could not be made; whole: through all of LiveKit's rooms.
	SweepFailed(whole bool)
}

// DeliveryObserver counts webhooks. It must be quick and safe for concurrent use.
type DeliveryObserver interface {
	// Attempt was made. class is empty when it went well, else one of package webhook's.
	Attempt(trigger, class string, took time.Duration)
	// Acknowledged is told when the CRM takes an outcome for the first time, and how long after the end of the call that is.
	Acknowledged(afterEnd time.Duration)
}

// AlertObserver counts alerts. It must be quick and safe for concurrent use.
type AlertObserver interface {
	// Alerts is told of n more alerts of a kind, and of each kind once with 0.
	Alerts(kind string, n int)
}

func (a *Calling) observe(c call.Call, in RecordInput) {
	if a.Observer != nil {
		a.Observer.CallEnded(c.CreatedAt, in.ConnectedAt, in.Outcome)
	}
}

func (a *Calling) observeUnlisted(code string) {
	if a.Observer != nil {
		a.Observer.DialReplyUnlisted(code)
	}
}

func (w *Watching) observe(late time.Duration) {
	if w.Observer != nil {
		w.Observer.WatchRound()
	}
	w.observeLate(late)
}

func (w *Watching) observeLate(late time.Duration) {
	if w.Observer != nil {
		w.Observer.WatchLate(late)
	}
}

func (w *Watching) observeSweepFailed(whole bool) {
	if w.Observer != nil {
		w.Observer.SweepFailed(whole)
	}
}

func (d *Delivering) observe(delivery store.Delivery, trigger store.Trigger, r webhook.Result) {
	if d.Observer == nil {
		return
	}
	d.Observer.Attempt(string(trigger), string(r.Class), r.Total)
	if r.Class == "" && delivery.State != store.DeliveryDelivered {
		d.Observer.Acknowledged(max(0, r.StartedAt.Add(r.Total).Sub(endOfCall(delivery))))
	}
}

// endOfCall is when the call ended, as its webhook says.
func endOfCall(delivery store.Delivery) time.Time {
	var body struct {
		EndedAt time.Time `json:"ended_at"`
	}
	if err := json.Unmarshal(delivery.Body, &body); err != nil || body.EndedAt.IsZero() {
		return delivery.CreatedAt
	}
	return body.EndedAt
}
