package main

import (
	"context"
	"time"

	"github.com/click2call/click2call/workflows"
)

// housekeepingInterval is how often a worker clears leftovers out of the store and looks after the ledger's schedule and bulk
// replays. Nothing waits for it.
const housekeepingInterval = 15 * time.Minute

// foldEvery is how often a worker folds the changes of the sums: what lies there is read by everybody who asks for one.
const foldEvery = 5 * time.Second

func (a *app) foldSums(ctx context.Context) {
	tick := time.NewTicker(foldEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.store.FoldSums(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn().Err(err).Msg("cannot fold the sums; the next round tries again")
			}
		}
	}
}

// purgeInterval is how often a worker looks for what is older than it is to be kept.
const purgeInterval = time.Hour

// purgeOld deletes what is older than it is to be kept: see [store.Store.Purge].
func (a *app) purgeOld(ctx context.Context) {
	tick := time.NewTicker(purgeInterval)
	defer tick.Stop()
	for {
		if err := a.store.Purge(ctx, time.Now(), a.cfg.retention()); err != nil && ctx.Err() == nil {
			a.log.Warn().Err(err).Msg("cannot purge old data; the next round goes on")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *app) keepHouse(ctx context.Context) {
	tick := time.NewTicker(housekeepingInterval)
	defer tick.Stop()
	for {
		// The schedule starts what an operator ended; only the workers can start the schedule.
		if err := workflows.NewClient(a.temporal).StartLedger(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn().Err(err).Msg("the ledger is not checked until its schedule can be created; the next round tries again")
		}
		if err := a.replays().Tend(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.Warn().Err(err).Msg("look after bulk replays; the next round tries again")
		}
		// At once, too: who deploys often would never come to it.
		if err := a.store.Housekeep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.Warn().Err(err).Msg("housekeeping; the next round tries again")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
