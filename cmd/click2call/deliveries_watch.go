package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/spf13/cobra"

	"github.com/click2call/click2call/store"
)

const (
	watchEvery = 500 * time.Millisecond
	// lineEvery spares a log that nobody watches.
	lineEvery = 5 * time.Second
)

func deliveriesWatch() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "watch [replay id]", Short: "Watch a bulk replay to its end: the newest one when none is named", Args: cobra.MaximumNArgs(1),
		Long:    "Watch a bulk replay to its end. Ctrl-C ends the watching, not the replay. The exit code is 0 when the replay is done, 1 when it was cancelled.",
		Example: "  click2call deliveries watch\n  click2call deliveries watch rpl_… --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withDatabase(cmd.Context(), func(ctx context.Context, a *app) error {
				id, err := a.namedOrNewest(ctx, args)
				if err != nil {
					return err
				}
				return a.watchReplay(ctx, newView(cmd.OutOrStdout(), asJSON, true), id)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each change")
	return cmd
}

func (a *app) namedOrNewest(ctx context.Context, args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	page, err := a.store.Replays(ctx, "", 1)
	if err != nil {
		return "", err
	}
	if len(page.Replays) == 0 {
		return "", errors.New("there has been no replay: begin one with `click2call deliveries replay`")
	}
	return page.Replays[0].ID, nil
}

// deliveriesSteer are pause, resume and cancel.
func deliveriesSteer() []*cobra.Command {
	steer := func(use, short, action string, to store.ReplayState) *cobra.Command {
		var asJSON bool
		cmd := &cobra.Command{
			Use: use + " <replay id>", Short: short, Args: cobra.ExactArgs(1), Example: "  click2call deliveries " + use + " rpl_…",
			RunE: func(cmd *cobra.Command, args []string) error {
				return withFence(cmd.Context(), func(ctx context.Context, a *app) error {
					return a.steerReplay(ctx, newView(cmd.OutOrStdout(), asJSON, false), args[0], to, action)
				})
			},
		}
		cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
		return cmd
	}
	return []*cobra.Command{
		steer("pause", "Hold a bulk replay; attempts under way end first", "replay_paused", store.ReplayPaused),
		steer("resume", "Go on with a paused bulk replay", "replay_resumed", store.ReplayRunning),
		steer("cancel", "End a bulk replay early; what it has not sent stays as it is", "replay_cancelled", store.ReplayCancelled),
	}
}

func (a *app) steerReplay(ctx context.Context, v view, id string, to store.ReplayState, action string) error {
	replay, err := a.replays().Steer(ctx, id, to)
	if err != nil && replay.State != to {
		return replayTrouble(err)
	}
	if unseen := a.auditCommand(ctx, action, replay.ID, fmt.Sprintf("%d of %d left", replay.Left(), replay.Total)); unseen != nil {
		return unseen
	}
	if err != nil {
		return fmt.Errorf("the replay is %s in the database, but its workflow did not hear of it: %w", to, replayTrouble(err))
	}
	v.show(replay)
	return v.close()
}

// watchReplay shows a replay until it is over.
func (a *app) watchReplay(ctx context.Context, v view, id string) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		replay, err := a.store.Replay(ctx, id)
		if err != nil {
			return errors.Join(replayTrouble(err), v.close())
		}
		v.show(replay)
		if replay.Over() {
			if err := v.close(); err != nil || replay.State == store.ReplayDone {
				return err
			}
			return fmt.Errorf("the replay was cancelled; %d deliveries were not sent", replay.Left())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(v.close(), fmt.Errorf("the replay goes on; see it again: click2call deliveries watch %s", id))
		}
	}
}

// view shows how far a replay is.
type view interface {
	show(r store.Replay)
	close() error
}

// newView is JSON for programs, a bar for people who stay to look, or else lines.
func newView(w io.Writer, asJSON, stays bool) view {
	switch {
	case asJSON:
		return &jsonView{w: w}
	case stays && onTerminal(w):
		return &barView{w: w}
	default:
		return &lineView{w: w, every: lineEvery}
	}
}

func replayText(r store.Replay) string {
	text := fmt.Sprintf("%s %s: %d of %d sent, %d succeeded, %d failed, %d skipped, %d left", r.ID, r.State, r.Sent(), r.Total, r.Succeeded, r.Failed, r.Skipped, r.Left())
	if rest, ok := r.Remaining(time.Now()); ok {
		text += fmt.Sprintf(", about %s to go", rest.Round(time.Second))
	}
	return text
}

type lineView struct {
	w     io.Writer
	every time.Duration
	at    time.Time
	state store.ReplayState
	err   error
}

func (v *lineView) show(r store.Replay) {
	if v.state == r.State && time.Since(v.at) < v.every {
		return
	}
	v.state, v.at = r.State, time.Now()
	_, err := fmt.Fprintln(v.w, replayText(r))
	v.err = errors.Join(v.err, err)
}

func (v *lineView) close() error { return v.err }

type jsonView struct {
	w    io.Writer
	last string
	err  error
}

func (v *jsonView) show(r store.Replay) {
	line, err := json.Marshal(replayJSON(r))
	counted := fmt.Sprint(r.State, r.Succeeded, r.Failed, r.Skipped)
	if err == nil && counted != v.last {
		v.last = counted
		_, err = fmt.Fprintf(v.w, "%s\n", line)
	}
	v.err = errors.Join(v.err, err)
}

func (v *jsonView) close() error { return v.err }

// barView draws a bar that lives as long as somebody looks.
type barView struct {
	w       io.Writer
	tracker *progress.Tracker
	drawn   chan struct{}
}

func (v *barView) show(r store.Replay) {
	if v.tracker == nil {
		v.begin(r)
	}
	message := fmt.Sprintf("%s  %d succeeded, %d failed, %d skipped, %d left", r.State, r.Succeeded, r.Failed, r.Skipped, r.Left())
	if rest, ok := r.Remaining(time.Now()); ok {
		message += fmt.Sprintf(", %s to go", rest.Round(time.Second))
	}
	v.tracker.UpdateMessage(message)
	v.tracker.SetValue(int64(r.Total - r.Left()))
}

func (v *barView) begin(r store.Replay) {
	v.tracker = &progress.Tracker{Total: int64(r.Total)}
	pen := progress.NewWriter()
	pen.SetOutputWriter(v.w)
	pen.SetAutoStop(true)
	pen.SetUpdateFrequency(watchEvery / 2)
	pen.SetTrackerPosition(progress.PositionLeft)
	style := progress.StyleBlocks
	style.Visibility = progress.StyleVisibility{Percentage: true, Tracker: true}
	style.Options.DoneString, style.Options.ErrorString, style.Options.Separator = "", "", " "
	pen.SetStyle(style)
	pen.AppendTracker(v.tracker)
	v.drawn = make(chan struct{})
	go func() {
		defer close(v.drawn)
		pen.Render()
	}()
}

// close leaves the bar as it was last.
func (v *barView) close() error {
	if v.tracker == nil {
		return nil
	}
	if v.tracker.IsDone() {
		v.tracker.MarkAsDone()
	} else {
		v.tracker.MarkAsErrored()
	}
	<-v.drawn
	return nil
}

// replayJSON is a replay with the operators' API's names.
func replayJSON(r store.Replay) map[string]any {
	shape := map[string]any{
		"replay_id": r.ID, "state": r.State, "selection": r.Selection, "rate_per_second": r.RatePerSecond, "total": r.Total, "sent": r.Sent(),
		"succeeded": r.Succeeded, "failed": r.Failed, "skipped": r.Skipped, "left": r.Left(), "created_by": r.CreatedBy,
		"created_at": r.CreatedAt.UTC(),
	}
	if r.FinishedAt != nil {
		shape["finished_at"] = r.FinishedAt.UTC()
	}
	if rest, ok := r.Remaining(time.Now()); ok {
		shape["eta_seconds"] = int(rest.Seconds() + 0.5)
	}
	return shape
}
