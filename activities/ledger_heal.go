package activities

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// each has some looked at one by one, a few at a time, until all are done or it is too late. When one cannot be looked at, no
// other one is begun; those under way are done. It returns how many were begun.
func each[T any](ctx context.Context, c *ledgerCheck, some []T, until time.Time, look func(context.Context, T) error) (begun int, err error) {
	failing, failed := errgroup.WithContext(ctx)
	failing.SetLimit(ledgerAtOnce)
	for _, one := range some[:min(len(some), cmp.Or(c.Heals, ledgerHeals))] {
		if failed.Err() != nil || c.over(ctx, until) {
			break
		}
		begun++
		failing.Go(func() error {
			ctx, cancel := context.WithTimeout(ctx, ledgerEach)
			defer cancel()
			return look(ctx, one)
		})
	}
	err = failing.Wait()
	if err == nil && begun < len(some) {
		c.Log.Warn().Int("left", len(some)-begun).Msg("the ledger could not look at all that may have lost their workflows; the next check goes on")
	}
	return begun, errors.Join(err, ctx.Err())
}

// takeTurns notes the suspects and puts them in the order of their turns. No order may be the same each time: those that cannot be
// healed would come first again and again, and the others never. Those that could not be healed the last time come last.
func takeTurns[T any](c *ledgerCheck, suspects []T, id func(T) string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range suspects {
		c.suspects[id(one)] = false
	}
	last := map[string]int{}
	for _, known := range c.earlier.Unresolved {
		last[known] = 1
	}
	rand.Shuffle(len(suspects), func(i, j int) { suspects[i], suspects[j] = suspects[j], suspects[i] })
	slices.SortStableFunc(suspects, func(a, b T) int { return last[id(a)] - last[id(b)] })
}

// over reports whether nothing more may be begun.
func (c *ledgerCheck) over(ctx context.Context, until time.Time) bool {
	return ctx.Err() != nil || workerStops(ctx) || !time.Now().Before(until)
}

// healCall ends a call whose workflow is gone.
func (c *ledgerCheck) healCall(ctx context.Context, id call.ID, fate Fate) error {
	end := c.end
	if fate.Completed {
		end = func(ctx context.Context, id call.ID, _ Fate) (bool, error) { return c.take(ctx, id) }
	}
	ended, err := end(ctx, id, fate)
	if err != nil {
		c.Log.Warn().Err(err).Str("call_id", string(id)).Msg("cannot end a call whose workflow is gone; the next check tries again")
	}
	c.looked(string(id), err, ended, &c.found.CallsEnded)
	return nil
}

// healDelivery starts a delivery again if its workflow is gone.
func (c *ledgerCheck) healDelivery(ctx context.Context, d store.WaitingDelivery) error {
	fate, err := c.Temporal.FateOfDelivery(ctx, d.EventID, d.CallID)
	if err != nil {
		return err
	}
	started := false
	switch {
	case fate.Completed:
		started, err = c.taken(ctx, d.EventID, fate)
	case !fate.Running:
		started, err = c.restart(ctx, d)
	}
	if err != nil {
		c.Log.Warn().Err(err).Str("event_id", d.EventID).Msg("cannot start a delivery whose workflow is gone; the next check tries again")
	}
	c.looked(d.EventID, err, started, &c.found.DeliveriesStarted)
	return nil
}

// looked notes what came of a look at a suspect.
func (c *ledgerCheck) looked(id string, err error, healed bool, counter *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.suspects[id] = true
	switch {
	case err != nil:
		c.found.Unresolved = append(c.found.Unresolved, id)
	case healed:
		*counter++
	}
}
