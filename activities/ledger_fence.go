package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/store"
)

// ErrTypeForeignTemporal is the type of the error of a check in a Temporal in which this database's calls do not run.
const ErrTypeForeignTemporal = "ForeignTemporal"

// ForeignTemporal is the error of a process that has the database of one Temporal namespace and reaches another one.
type ForeignTemporal struct{ Kept, Reached store.TemporalNamespace }

// Error implements error. It says which two differ and what to do.
func (f *ForeignTemporal) Error() string {
	return fmt.Sprintf("reaches the namespace %q with the id %s, but the calls of this database run in %q with the id %s (since %s): "+
		"give the Temporal that belongs to this database; if it is gone for good, adopt the new one with: click2call adopt-temporal %s",
		f.Reached.Name, f.Reached.ID, f.Kept.Name, f.Kept.ID, f.Kept.Since.UTC().Format(time.RFC3339), f.Reached.ID)
}

// CheckTemporal compares the namespace that a process reaches with the one in which the calls of its database run; the first one ever
// is kept. It returns a *ForeignTemporal when they differ, and another error when that cannot be known now.
func CheckTemporal(ctx context.Context, name string, kept interface {
	KeepTemporal(ctx context.Context, n store.TemporalNamespace) (store.TemporalNamespace, error)
}, reached interface {
	NamespaceID(ctx context.Context, name string) (string, error)
},
) error {
	id, err := reached.NamespaceID(ctx, name)
	if err != nil {
		return err
	}
	here := store.TemporalNamespace{ID: id, Name: name, Since: time.Now().UTC()}
	standing, err := kept.KeepTemporal(ctx, here)
	if err != nil {
		return err
	}
	if standing.ID != id {
		return &ForeignTemporal{Kept: standing, Reached: here}
	}
	return nil
}

// fenced fails, without another try, in a Temporal in which this database's calls do not run: there, every call seems to have lost its
// workflow. A Temporal that lost its data is one, too.
func (l *Ledgering) fenced(ctx context.Context) error {
	err := CheckTemporal(ctx, activity.GetInfo(ctx).Namespace, l.Store, l.Temporal)
	foreign, ok := err.(*ForeignTemporal) //nolint:errorlint // nobody wraps it
	if !ok {
		return err
	}
	l.Alerts.Alert(ctx, Alert{Kind: AlertForeignTemporal, Text: "The ledger was not checked, and nothing was ended: this Temporal is not the one that belongs to the database. It " + foreign.Error()})
	return temporal.NewNonRetryableApplicationError(foreign.Error(), ErrTypeForeignTemporal, foreign)
}
