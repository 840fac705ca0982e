package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

// defaultReplayRate spares a CRM that has only just come back.
const defaultReplayRate = 20

type replayOptions struct {
	choice                     selection
	rate                       int
	dryRun, yes, asJSON, watch bool
}

func deliveriesReplay() *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use: "replay [event id…]", Short: "Send deliveries once more: some by their ids, or all that the flags choose",
		Long: "Send deliveries once more, each with the same event id and bytes: some by their ids, or all that the flags choose.\n\n" +
			"The choice is made at the start. Without --state it is everything that is not delivered. The replay goes on by itself, also\n" +
			"after a crash; watch it with `click2call deliveries watch`. One that succeeds ends the delivery's pending automatic attempts.",
		Example: "  click2call deliveries replay evt_7b1c…\n" +
			"  click2call deliveries replay --state dead --since 48h --dry-run\n" +
			"  click2call deliveries replay --state dead,parked --trunk trk_… --rate 50 --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := o.read(args)
			if err != nil {
				return err
			}
			return withFence(cmd.Context(), func(ctx context.Context, a *app) error { return a.replay(ctx, cmd, o, chosen) })
		},
	}
	o.choice.register(cmd, "; all but delivered when absent")
	f := cmd.Flags()
	f.IntVar(&o.rate, "rate", defaultReplayRate, fmt.Sprintf("attempts a second, 1 to %d", store.MaxReplayRate))
	f.BoolVar(&o.dryRun, "dry-run", false, "only count")
	f.BoolVar(&o.yes, "yes", false, "do not ask; needed where nobody can answer")
	f.BoolVar(&o.watch, "watch", false, "show the progress to the end; on a terminal that is so anyway")
	f.BoolVar(&o.asJSON, "json", false, "print JSON; with --watch one object for each change")
	return cmd
}

func (o *replayOptions) read(args []string) (store.ReplaySelection, error) {
	switch {
	case o.rate < 1 || o.rate > store.MaxReplayRate:
		return store.ReplaySelection{}, fmt.Errorf("--rate must be 1 to %d", store.MaxReplayRate)
	case len(args) > 0 && o.choice.given():
		return store.ReplaySelection{}, errors.New("give event ids or flags that choose, not both")
	case len(args) == 0 && !o.choice.given():
		return store.ReplaySelection{}, errors.New("name event ids, or choose with --state, --since, --until, --call-status, --trunk or --endpoint; see --help")
	case len(args) > 0:
		return store.ReplaySelection{EventIDs: args}, nil
	}
	return o.choice.read(time.Now())
}

// replay counts, asks, and begins.
func (a *app) replay(ctx context.Context, cmd *cobra.Command, o replayOptions, chosen store.ReplaySelection) error {
	out := cmd.OutOrStdout()
	preview, err := a.store.PreviewReplay(ctx, chosen)
	if err != nil {
		return replayTrouble(err)
	}
	switch {
	case o.dryRun && o.asJSON:
		return printJSON(out, map[string]any{
			"count": preview.Count, "oldest": utc(preview.Oldest), "newest": utc(preview.Newest), "by_state": preview.ByState,
		})
	case !o.asJSON:
		if _, err := fmt.Fprintln(out, previewText(preview, o.rate)); err != nil {
			return err
		}
	}
	if o.dryRun || preview.Count == 0 {
		return nil
	}
	if !o.yes {
		if !onTerminal(cmd.InOrStdin()) {
			return errors.New("nobody can be asked here: add --yes, or --dry-run to count only")
		}
		if ok, err := confirmed(ctx, cmd.InOrStdin(), out); err != nil || !ok {
			return err
		}
	}
	replay, err := a.replays().Begin(ctx, store.NewReplay{Selection: chosen, RatePerSecond: o.rate, CreatedBy: operator()})
	if err != nil {
		return replayTrouble(err)
	}
	detail := fmt.Sprintf("%d deliveries, %d a second", replay.Total, replay.RatePerSecond)
	if err := a.auditCommand(ctx, "replay_begun", replay.ID, detail); err != nil {
		return err
	}
	if o.watch || (onTerminal(out) && !o.asJSON) {
		return a.watchReplay(ctx, newView(out, o.asJSON, true), replay.ID)
	}
	if o.asJSON {
		return printJSON(out, replayJSON(replay))
	}
	_, err = fmt.Fprintf(out, "%s has begun. See how far it is: click2call deliveries watch %[1]s\n", replay.ID)
	return err
}

func previewText(p store.ReplayPreview, perSecond int) string {
	if p.Count == 0 {
		return "No delivery matches."
	}
	var parts []string
	for _, state := range []store.DeliveryState{store.DeliveryDead, store.DeliveryParked, store.DeliveryPending, store.DeliveryDelivered} {
		if n := p.ByState[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, stateWords[state]))
		}
	}
	took := time.Duration(float64(p.Count) / float64(perSecond) * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%d deliveries: %s. Created from %s to %s.\nAt %d a second they take about %s.",
		p.Count, strings.Join(parts, ", "), local(p.Oldest), local(p.Newest), perSecond, max(took, time.Second))
}

// confirmed asks; an empty answer is a no.
func confirmed(ctx context.Context, in io.Reader, out io.Writer) (bool, error) {
	if _, err := fmt.Fprint(out, "Send them? [y/N] "); err != nil {
		return false, err
	}
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n') // what ended early is a no
		answers <- line
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case line := <-answers:
		answer := strings.ToLower(strings.TrimSpace(line))
		return answer == "y" || answer == "yes", nil
	}
}

// operator names who works on the command line, for the list of replays and the audit log.
func operator() string {
	u, err := user.Current()
	if err != nil {
		return "command line"
	}
	return "command line: " + u.Username
}

// auditCommand writes into the audit log what was done on the command line.
func (a *app) auditCommand(ctx context.Context, action, target, detail string) error {
	return a.store.AppendAudit(context.WithoutCancel(ctx), store.AuditEntry{
		At: time.Now(), UserName: operator(), Action: action, Target: target, Detail: detail,
	})
}

// replayTrouble says what to do about an error.
func replayTrouble(err error) error {
	switch {
	case errors.Is(err, workflows.ErrTemporalUnavailable):
		return fmt.Errorf("%w: check TEMPORAL_ADDRESS and that Temporal runs", workflows.ErrTemporalUnavailable)
	case errors.Is(err, store.ErrNotFound):
		return errors.New("there is no such replay: check its id; those that ended 90 days ago are gone")
	case errors.Is(err, store.ErrInvalid):
		return errors.New(after(err, store.ErrInvalid))
	case errors.Is(err, store.ErrConflict):
		return errors.New(after(err, store.ErrConflict))
	default:
		return err
	}
}

// after is what an error says behind its kind.
func after(err, kind error) string {
	_, text, _ := strings.Cut(err.Error(), kind.Error()+": ")
	return text
}
