package bench

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

// ownWorker is a worker in this process, in a namespace of its own.
type ownWorker struct {
	client client.Client
	queue  string
	worker worker.Worker
}

// startWorker starts a worker of a task queue. As in the product, its sticky queue has pollers of its own.
func (b *bench) startWorker(ctx context.Context, namespace, queue string, register func(worker.Registry, client.Client)) (*ownWorker, error) {
	c, err := b.namespace(ctx, namespace)
	if err != nil {
		return nil, err
	}
	pollers := worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{})
	w := &ownWorker{client: c, queue: queue, worker: worker.New(c, queue, worker.Options{WorkflowTaskPollerBehavior: pollers})}
	register(w.worker, c)
	if err := w.worker.Start(); err != nil {
		c.Close()
		return nil, fmt.Errorf("start the worker of %s: %w", queue, err)
	}
	return w, nil
}

func (w *ownWorker) close() {
	w.worker.Stop()
	w.client.Close()
}

// open starts a workflow and waits for its update, as the product opens a call.
func (w *ownWorker) open(ctx context.Context, id, update string, workflow any) error {
	start := w.client.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: id, TaskQueue: w.queue, WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, workflow)
	opened, err := w.client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions:          client.UpdateWorkflowOptions{UpdateName: update, WaitForStage: client.WorkflowUpdateStageCompleted},
	})
	if err != nil {
		return err
	}
	return opened.Get(ctx, nil)
}
