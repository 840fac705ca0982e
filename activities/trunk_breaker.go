package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// judge takes an attempt that was written down for the breaker of its trunk. Operators hear of a breaker when it opens, and when it closes.
// A nil Faults takes nothing.
func (f *Faults) judge(ctx context.Context, rule call.BreakerRule, t call.Trunk, made call.Attempt) {
	if f == nil || rule.Dials == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), faultTimeout)
	defer cancel()
	switch {
	case made.TrunkFailed():
		opened, err := f.Store.TrunkFailed(ctx, t.ID, rule, time.Now())
		if err != nil {
			f.Log.Warn().Err(err).Str("trunk", t.ID).Msg("cannot judge a trunk by its dials")
		}
		if opened != nil {
			f.Alerts.Alert(ctx, Alert{Kind: AlertTrunkOpen, TrunkID: t.ID, Text: fmt.Sprintf(
				"The breaker of the trunk %s is open: %s Calls prefer other trunks until a dial through it reaches somebody.", t.Label, opened.Why)})
		}
	case made.TrunkWorked():
		closed, err := f.Store.TrunkWorked(ctx, t.ID, time.Now())
		if err != nil {
			f.Log.Warn().Err(err).Str("trunk", t.ID).Msg("cannot close the breaker of a trunk")
		}
		if closed {
			f.Alerts.Alert(ctx, Alert{Kind: AlertTrunkClosed, TrunkID: t.ID, Text: fmt.Sprintf("The breaker of the trunk %s is closed: a dial through it reached somebody.", t.Label)})
		}
	}
}
