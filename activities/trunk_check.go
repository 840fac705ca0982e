package activities

import (
	"context"
	"slices"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

const (
	// DefaultTrunkCheck is how often LiveKit is asked whether it knows our trunks.
	DefaultTrunkCheck = 15 * time.Second
	// manyTrunks is as many as LiveKit's list is read of: one that is not in a longer list may still be there.
	manyTrunks = 1000
)

// Trunks is what the check of the trunks asks.
type Trunks interface {
	Trunks(ctx context.Context) ([]call.Trunk, error)
}

// checkTrunks compares our trunks with LiveKit's list, until stopped: the Watch does it, so it is done once for the installation.
func (w *Watching) checkTrunks(ctx context.Context) (stop func()) {
	every := w.TrunkCheck
	if every == 0 {
		every = DefaultTrunkCheck
	}
	ctx, stop = context.WithCancel(ctx)
	if w.Faults == nil {
		return stop
	}
	go func() {
		for {
			w.checkTrunksOnce(ctx)
			pause(ctx, every)
			if ctx.Err() != nil {
				return
			}
		}
	}()
	return stop
}

// checkTrunksOnce says nothing while LiveKit or the database does not answer.
func (w *Watching) checkTrunksOnce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, faultTimeout)
	defer cancel()
	ours, err := w.Trunks.Trunks(ctx)
	if err != nil {
		return
	}
	counting, made := livekit.CountRequests(ctx)
	theirs, err := w.LiveKitTrunks.Trunks(counting)
	w.allowed.charge(made())
	if err != nil || len(theirs) >= manyTrunks {
		return
	}
	for _, t := range ours {
		known := slices.ContainsFunc(theirs, func(info livekit.TrunkInfo) bool { return info.ID == t.LiveKitTrunkID })
		switch {
		case known || !t.Enabled:
			w.Faults.end(ctx, t, store.FaultTrunkUnknown)
		default:
			w.Faults.sign(ctx, t, store.FaultTrunkUnknown)
		}
	}
}
