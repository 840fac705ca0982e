package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

// A process must not work for the calls of a database in a Temporal where they do not run: its ledger would take all of them for
// lost. The fence is the namespace's id, which is kept in the database.
const (
	// fenceTimeout bounds one look at the namespace.
	fenceTimeout = 3 * time.Second
	// fenceEvery is how often a running process looks: Temporal may be replaced under it. fenceAgain is how much later a second
	// look must say the same.
	fenceEvery = 30 * time.Second
	fenceAgain = 5 * time.Second
)

// checkFence returns a *configError when this Temporal is not the one of this database, or has no such namespace, and another error
// when that cannot be known now.
func (a *app) checkFence(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fenceTimeout)
	defer cancel()
	err := activities.CheckTemporal(ctx, a.namespace, a.store, workflows.NewClient(a.temporal))
	if err == nil {
		a.fenced.Store(true)
		return nil
	}
	if foreign, ok := errors.AsType[*activities.ForeignTemporal](err); ok {
		return &configError{"TEMPORAL_ADDRESS", foreign.Error()}
	}
	if _, missing := errors.AsType[*serviceerror.NamespaceNotFound](err); missing {
		return &configError{"TEMPORAL_NAMESPACE", fmt.Sprintf("Temporal has no namespace %q", a.namespace)}
	}
	return err
}

// withFence is withDatabase for what changes something: an order in another Temporal than the database's would be carried out there by
// nobody, or for other calls. One that cannot be reached now is left to the order itself.
func withFence(ctx context.Context, do func(context.Context, *app) error) error {
	return withDatabase(ctx, func(ctx context.Context, a *app) error {
		if err := a.checkFence(ctx); foreign(err) {
			return err
		}
		return do(ctx, a)
	})
}

// foreign reports whether an error of checkFence is one that waiting does not mend.
func foreign(err error) bool {
	_, ok := errors.AsType[*configError](err)
	return ok
}

// keepFence looks again and again until ctx ends, and returns an error once two looks in a row found another Temporal.
func (a *app) keepFence(ctx context.Context, every, again time.Duration) error {
	wait, before := time.Duration(0), false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		err := a.checkFence(ctx)
		switch {
		case err == nil:
			wait, before = every, false
		case foreign(err) && before:
			return err
		case foreign(err):
			wait, before = again, true
		default: // nobody can say: Temporal or the database is away
			wait = time.Second
		}
	}
}

// fencedWorkflows opens no call before it is known that Temporal is the one of this database.
type fencedWorkflows struct {
	*workflows.Client

	known func() bool
}

// Open is that of [workflows.Client].
func (f fencedWorkflows) Open(ctx context.Context, in workflows.CallInput) error {
	if !f.known() {
		return fmt.Errorf("%w: it is not known yet which one it is", workflows.ErrTemporalUnavailable)
	}
	return f.Client.Open(ctx, in)
}

func adoptTemporalCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "adopt-temporal [namespace id]",
		Short: "Make the Temporal namespace at TEMPORAL_ADDRESS the one in which this database's calls run",
		Long: "Every process refuses to run with a Temporal namespace that is not the one of its database: the ledger would take all calls for\n" +
			"lost. Adopt another one only when the old one is gone for good or was left on purpose. Without an id it shows both.\n\n" +
			"What lives then and has no workflow in the new one is found by the ledger: deliveries are started again, calls are ended; when\n" +
			"they are many, it waits for `click2call ledger release`. docs/operations.md says more.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withDatabase(cmd.Context(), func(ctx context.Context, a *app) error {
				said, err := a.adoptTemporal(ctx, args)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
				return err
			})
		},
	}
}

// adoptTemporal makes the namespace that the process reaches the database's, if args name its id, and says what is so.
func (a *app) adoptTemporal(ctx context.Context, args []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*fenceTimeout)
	defer cancel()
	id, err := workflows.NewClient(a.temporal).NamespaceID(ctx, a.namespace)
	if err != nil {
		return "", err
	}
	here := store.TemporalNamespace{ID: id, Name: a.namespace, Since: time.Now().UTC()}
	kept, err := a.store.KeepTemporal(ctx, here)
	switch {
	case err != nil:
		return "", err
	case kept.ID == id:
		return fmt.Sprintf("this database's calls run in the namespace %q with the id %s, and that is the one at TEMPORAL_ADDRESS: there is nothing to adopt", kept.Name, kept.ID), nil
	case len(args) == 0:
		return "", &activities.ForeignTemporal{Kept: kept, Reached: here}
	case args[0] != id:
		return "", fmt.Errorf("the namespace %q at TEMPORAL_ADDRESS has the id %s, not %s: nothing was adopted", a.namespace, id, args[0])
	}
	if _, err := a.store.AdoptTemporal(ctx, here); err != nil {
		return "", err
	}
	return fmt.Sprintf("adopted the namespace %q with the id %s; it was %q with the id %s. Start the processes that refused", here.Name, id, kept.Name, kept.ID),
		a.auditCommand(ctx, "temporal_adopted", id, "was "+kept.ID)
}
