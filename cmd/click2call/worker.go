package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/workflows"
)

const (
	callActivities = 4000 // a ringing phone holds one
	// deliveryActivities leaves room beside the attempts that have a lane for those that wait for one, and for bulk replays.
	deliveryActivities = 2 * activities.DefaultLanes
	// endpointActivities are the probes and drains under way: one for each endpoint that is held back.
	endpointActivities = 200
	// cachedWorkflows bounds the workflows in memory, each about 100 KB. One that is not there is replayed when something happens
	// to it, from some 25 events: a call that talks for minutes needs no memory until it ends. The SDK's 10,000 would be a
	// gigabyte.
	cachedWorkflows = 2000
)

// stopTimeout is how long a stopping worker lets activities finish; keep the container's grace period above it.
const stopTimeout = 20 * time.Second

// ensureSearchAttributes registers what operators search calls by. Where that is not ours to do, as in Temporal
// Cloud, an operator has done it, and starts fail with a clear message if not.
func ensureSearchAttributes(ctx context.Context, c client.Client, namespace string, logger zerolog.Logger) {
	attributes := map[string]enumspb.IndexedValueType{}
	for _, k := range []interface{ GetName() string }{workflows.KeyCallStatus, workflows.KeyCaseID, workflows.KeyAgentID, workflows.KeyTrunk} {
		attributes[k.GetName()] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	}
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: attributes,
	})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) {
		logger.Warn().Err(err).Msg("could not register the search attributes CallStatus, CaseId, AgentId, Trunk; register them by hand")
	}
}

// runWorkers serves all task queues until ctx ends or a worker fails for good.
func (a *app) runWorkers(ctx context.Context) error {
	if there, err := a.awaitTemporal(ctx); err != nil || !there {
		return err
	}
	ensureSearchAttributes(ctx, a.temporal, a.namespace, a.log)
	fatal := make(chan error, 3)
	options := func(activitiesAtOnce int) worker.Options {
		return worker.Options{
			WorkerStopTimeout:                  stopTimeout,
			StickyScheduleToStartTimeout:       2 * time.Second, // a signal must not wait long for a worker that was killed
			WorkflowTaskPollerBehavior:         pollers(),
			ActivityTaskPollerBehavior:         pollers(),
			MaxHeartbeatThrottleInterval:       10 * time.Second,
			MaxConcurrentActivityExecutionSize: activitiesAtOnce,
			OnFatalError:                       func(err error) { fatal <- err },
			DeploymentOptions:                  deployment(buildOf(a.cfg.BuildID, envconfig.EnvLookupOS)),
		}
	}
	worker.SetStickyWorkflowCacheSize(cachedWorkflows)
	calls := worker.New(a.temporal, workflows.TaskQueueCalls, options(callActivities))
	delivering := a.delivering()
	workflows.RegisterCalls(calls, a.calling(delivering), a.watching(), a.ledgering(delivering))
	deliveries := worker.New(a.temporal, workflows.TaskQueueDeliveries, options(deliveryActivities))
	workflows.RegisterDeliveries(deliveries, delivering, &activities.Replaying{Delivering: delivering, Replays: a.store, Items: a.store})
	endpoints := worker.New(a.temporal, workflows.TaskQueueEndpoints, options(endpointActivities))
	workflows.RegisterEndpoints(endpoints, delivering)
	for _, w := range []worker.Worker{calls, deliveries, endpoints} {
		if err := w.Start(); err != nil {
			return fmt.Errorf("start worker: %w", err)
		}
	}
	defer stopTogether(calls, deliveries, endpoints)
	if _, err := workflows.NewClient(a.temporal).StartWatch(ctx); err != nil {
		return err
	}
	a.polling.Store(true)
	defer a.polling.Store(false)
	go a.keepHouse(ctx)
	go a.purgeOld(ctx)
	go a.foldSums(ctx)
	go a.announcing().Run(ctx)
	go a.fillReports(ctx)
	go (&activities.Holding{Rooms: a.livekit, Calls: a.store, Log: a.log}).Run(ctx)
	go (&activities.Queueing{Calls: a.store, Temporal: workflows.NewClient(a.temporal), Log: a.log}).Run(ctx)
	a.log.Info().Str("namespace", a.namespace).Msg("worker is running")
	select {
	case <-ctx.Done():
		return nil
	case err := <-fatal:
		return fmt.Errorf("worker: %w", err)
	}
}

// pollers grow with the work. For activities: two, the SDK's default, let 1,400 deliveries wait 13 s to be taken. For workflows
// they give the sticky queue and the common one pollers of their own: with two for both, after a burst, a backlog that they were
// told of late sends both to the sticky queue, and for as long as a poll lasts, a minute, nobody takes the first task of a
// new call (getNextPollRequest in the SDK's internal_task_pollers.go; e2e/burst_test.go).
func pollers() worker.PollerBehavior {
	return worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{MinimumNumberOfPollers: 2, MaximumNumberOfPollers: 20})
}

// stopTogether lets all workers drain at the same time.
func stopTogether(workers ...worker.Worker) {
	var stopped sync.WaitGroup
	for _, w := range workers {
		stopped.Go(w.Stop)
	}
	stopped.Wait()
}

// awaitTemporal waits for Temporal to come up, so that start order does not matter. It reports false when ctx ended
// first, and fails when it is not the Temporal of this database.
func (a *app) awaitTemporal(ctx context.Context) (bool, error) {
	for said := false; ; said = true {
		err := a.checkFence(ctx)
		if err == nil || foreign(err) {
			return err == nil, err
		}
		if !said {
			a.log.Warn().Msg("Temporal does not answer yet; waiting for it")
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-time.After(time.Second):
		}
	}
}
