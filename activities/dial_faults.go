package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// faultTimeout bounds what a word on a fault may wait for the database.
const faultTimeout = 5 * time.Second

// Faults gathers the signs that nothing can be dialed through a trunk, or at all: dials and the periodic check of the trunks tell it.
// Operators hear of a fault when it is certain, once, and when it is over.
type Faults struct {
	Store interface {
		AddFaultSign(ctx context.Context, trunkID string, kind store.FaultKind, at time.Time) (store.DialFault, bool, error)
		EndFault(ctx context.Context, trunkID string, kinds ...store.FaultKind) (bool, error)
		TrunkFailed(ctx context.Context, trunkID string, rule call.BreakerRule, at time.Time) (opened *store.TrunkBreaker, err error)
		TrunkWorked(ctx context.Context, trunkID string, at time.Time) (closed bool, err error)
	}
	Alerts Alerter
	Log    zerolog.Logger
}

// dialed takes what a dial says. A nil Faults takes nothing.
func (f *Faults) dialed(ctx context.Context, t call.Trunk, d call.Dial, err error) {
	if f == nil {
		return
	}
	switch livekit.FaultOf(d, err) {
	case livekit.NoSIPService:
		f.sign(ctx, call.Trunk{}, store.FaultNoSIPService)
	case livekit.UnknownTrunk: // LiveKit looks for the trunk before it asks a SIP service: that says nothing of one
		f.sign(ctx, t, store.FaultTrunkUnknown)
	case livekit.RefusedLogin:
		f.end(ctx, call.Trunk{}, store.FaultNoSIPService)
		f.sign(ctx, t, store.FaultTrunkLogin)
	case livekit.Dialable:
		f.end(ctx, call.Trunk{}, store.FaultNoSIPService)
		f.end(ctx, t, store.FaultTrunkUnknown, store.FaultTrunkLogin)
	}
}

func (f *Faults) sign(ctx context.Context, t call.Trunk, kind store.FaultKind) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), faultTimeout)
	defer cancel()
	_, news, err := f.Store.AddFaultSign(ctx, t.ID, kind, time.Now())
	switch {
	case err != nil:
		f.Log.Warn().Err(err).Str("trunk", t.ID).Str("fault", string(kind)).Msg("cannot note that nothing can be dialed")
	case news:
		f.Alerts.Alert(ctx, faultAlert(t, kind))
	}
}

func (f *Faults) end(ctx context.Context, t call.Trunk, kinds ...store.FaultKind) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), faultTimeout)
	defer cancel()
	told, err := f.Store.EndFault(ctx, t.ID, kinds...)
	switch {
	case err != nil:
		f.Log.Warn().Err(err).Str("trunk", t.ID).Msg("cannot note that calls can be dialed again")
	case told && t.ID == "":
		f.Alerts.Alert(ctx, Alert{Kind: AlertSIPWell, Text: "LiveKit's SIP service takes dials again."})
	case told:
		f.Alerts.Alert(ctx, Alert{Kind: AlertTrunkWell, TrunkID: t.ID, Text: fmt.Sprintf("Calls can be dialed through the trunk %s again.", t.Label)})
	}
}

func faultAlert(t call.Trunk, kind store.FaultKind) Alert {
	switch kind {
	case store.FaultTrunkUnknown:
		return Alert{Kind: AlertTrunkFailing, TrunkID: t.ID, Text: fmt.Sprintf(
			"LiveKit does not know the trunk %s (%s): nothing can be dialed through it. Create it in LiveKit again and set its id, or make another trunk the default.", t.Label, t.LiveKitTrunkID)}
	case store.FaultTrunkLogin:
		return Alert{Kind: AlertTrunkFailing, TrunkID: t.ID, Text: fmt.Sprintf(
			"The carrier refuses the user name or password of the trunk %s: nothing can be dialed through it. Correct them in LiveKit, or make another trunk the default.", t.Label)}
	default:
		return Alert{Kind: AlertSIPFailing, Text: "No SIP service of LiveKit's takes dials: nothing can be dialed. Check that livekit-sip runs and reaches LiveKit's Redis."}
	}
}
