package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

var replaying *activities.Replaying

const (
	// pagesPerRun is how many pages a run of a Replay works through before it continues as new. A page is six events.
	pagesPerRun = 100
	// replayPageFor bounds a page's activity: its own length, and the attempts under way at its end.
	replayPageFor = activities.DefaultReplayPage + time.Minute
)

// Replay works through a bulk replay. The store knows the selection, whose turn it is, and whether it is paused: this
// workflow only sees to it that somebody works on it, at the replay's rate, until it is done or cancelled. One activity sends
// a page of deliveries, so that a replay of two thousand costs as many actions as its pages, and a crash loses no place.
//
// The signals pause, resume and cancel steer it; so does a cancellation in Temporal Web.
func Replay(ctx workflow.Context, in ReplayInput) (activities.ReplayProgress, error) {
	r := &replayRun{ctx: ctx, id: in.ReplayID}
	r.listen()
	for range pagesPerRun {
		heard := r.heard
		progress, err := r.page()
		if err != nil {
			return progress, r.end(err)
		}
		r.say(progress)
		switch progress.State {
		case activities.ReplayDone, activities.ReplayCancelled:
			return progress, nil
		case activities.ReplayPaused:
			if err := workflow.Await(ctx, func() bool { return r.heard != heard }); err != nil {
				return progress, r.end(err)
			}
		case activities.ReplayRunning:
		}
	}
	if err := r.hearAll(); err != nil {
		return activities.ReplayProgress{}, r.end(err)
	}
	return activities.ReplayProgress{}, workflow.NewContinueAsNewError(ctx, Replay, in)
}

type replayRun struct {
	ctx     workflow.Context
	id      string
	heard   int // signals whose word the store has
	writing int // signals whose word is being written into the store
}

// listen follows the signals for as long as the run lasts.
func (r *replayRun) listen() {
	for _, s := range steers() {
		workflow.Go(r.ctx, func(ctx workflow.Context) {
			channel := s.channel(ctx)
			for {
				var word Steer
				channel.Receive(ctx, &word)
				r.hear(ctx, word, s.to)
			}
		})
	}
}

func (r *replayRun) hear(ctx workflow.Context, word Steer, to activities.ReplayState) {
	r.writing++
	if !word.Stored {
		r.write(ctx, to)
	}
	r.writing--
	r.heard++
}

// hearAll lets every signal be heard that has come by now: one that came in the task in which the run ends would be lost with it.
// The listeners are woken after the main function, which therefore stands back once.
func (r *replayRun) hearAll() error {
	others := false
	return workflow.Await(r.ctx, func() bool {
		had := others
		others = true
		return had && r.writing == 0
	})
}

// write puts into the store what somebody asked for from Temporal.
func (r *replayRun) write(ctx workflow.Context, to activities.ReplayState) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueueDeliveries,
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         replayRetries(),
		Summary:             "make the replay " + string(to),
	})
	in := activities.SteerReplayInput{ReplayID: r.id, To: to}
	if err := workflow.ExecuteActivity(ctx, replaying.SteerReplay, in).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Warn("a replay could not be steered", "replay_id", r.id, "to", string(to), "error", err)
	}
}

// page works on the replay for a while and returns how far it then is.
func (r *replayRun) page() (progress activities.ReplayProgress, err error) {
	ctx := workflow.WithActivityOptions(r.ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueueDeliveries,
		StartToCloseTimeout: replayPageFor,
		HeartbeatTimeout:    attemptSilence,
		RetryPolicy:         replayRetries(),
		Summary:             "send the next deliveries",
	})
	err = workflow.ExecuteActivity(ctx, replaying.ReplayPage, activities.ReplayPageInput{ReplayID: r.id}).Get(ctx, &progress)
	return progress, err
}

func replayRetries() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second, MaximumAttempts: 1_000_000}
}

// end makes the store agree when somebody cancelled the workflow itself.
func (r *replayRun) end(err error) error {
	if r.ctx.Err() != nil {
		last, done := workflow.NewDisconnectedContext(r.ctx)
		defer done()
		r.write(last, activities.ReplayCancelled)
	}
	return err
}

// say shows in Temporal Web how far the replay is.
func (r *replayRun) say(p activities.ReplayProgress) {
	text := fmt.Sprintf("**%s.** %d of %d sent: %d succeeded, %d failed. %d skipped, delivered by somebody else. %d left.",
		p.State, p.Succeeded+p.Failed, p.Total, p.Succeeded, p.Failed, p.Skipped, p.Left)
	switch p.State {
	case activities.ReplayRunning:
		text += fmt.Sprintf("\n\nAbout %s to go. The pending activity's heartbeat has the newest figures. Signals: `pause`, `cancel`.", p.Rest)
	case activities.ReplayPaused:
		text += "\n\nSignals: `resume`, `cancel`."
	case activities.ReplayCancelled, activities.ReplayDone:
	}
	workflow.SetCurrentDetails(r.ctx, text)
}
