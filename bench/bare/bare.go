// Package bare is what any call that is durable in Temporal costs at least: a workflow with the steps of the product's call and of
// its delivery, whose activities do nothing. The benchmark runs it beside the product to tell Temporal's share from the product's.
//
// Never here: anything that the product uses.
package bare

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	// TaskQueue is where the bare worker takes its work.
	TaskQueue = "bench-bare"

	// UpdateOpen is answered when the room would be open.
	UpdateOpen = "open"
	// SignalConnect and SignalHangUp are the agent's.
	SignalConnect, SignalHangUp = "connect", "hangup"

	deliveryPrefix = "delivery-"
	connectWithin  = 2 * time.Minute
	longestCall    = 2 * time.Hour
	stepFor        = 10 * time.Second
)

var callStatus = temporal.NewSearchAttributeKeyKeyword("CallStatus")

// Lives are the activities. They do nothing but tell who waits for a call.
type Lives struct {
	Client client.Client
	Rings  time.Duration // until the answer

	answered, delivered sync.Map // call id to *mark
}

// Register adds the workflows and their activities to a worker of TaskQueue.
func Register(r worker.Registry, l *Lives) {
	r.RegisterWorkflow(Call)
	r.RegisterWorkflow(Deliver)
	r.RegisterActivity(l)
}

// Call opens, awaits the connect signal, dials, talks until the signal, closes and records.
func Call(ctx workflow.Context) error {
	var l *Lives
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: stepFor})
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: stepFor})
	id, opened := workflow.GetInfo(ctx).WorkflowExecution.ID, false
	if err := workflow.SetUpdateHandler(ctx, UpdateOpen, func(ctx workflow.Context) error {
		return workflow.Await(ctx, func() bool { return opened })
	}); err != nil {
		return err
	}
	if err := workflow.ExecuteLocalActivity(ctx, l.Nothing).Get(ctx, nil); err != nil {
		return err
	}
	opened = true
	await(ctx, SignalConnect, connectWithin)
	if err := workflow.ExecuteActivity(ctx, l.Dial, id).Get(ctx, nil); err != nil {
		return err
	}
	await(ctx, SignalHangUp, longestCall)
	if err := workflow.ExecuteLocalActivity(ctx, l.Nothing).Get(ctx, nil); err != nil {
		return err
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, callStatus.ValueSet("answered")); err != nil {
		return err
	}
	if err := workflow.ExecuteLocalActivity(ctx, l.Record, id).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteActivity(ctx, l.Close).Get(ctx, nil)
}

func await(ctx workflow.Context, signal string, within time.Duration) {
	timer, stop := workflow.WithCancel(ctx)
	defer stop()
	workflow.NewSelector(ctx).
		AddReceive(workflow.GetSignalChannel(ctx, signal), func(c workflow.ReceiveChannel, _ bool) { c.ReceiveAsync(nil) }).
		AddFuture(workflow.NewTimer(timer, within), func(workflow.Future) {}).
		Select(ctx)
}

// Deliver has the webhook of a call delivered.
func Deliver(ctx workflow.Context, callID string) error {
	var l *Lives
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: stepFor})
	return workflow.ExecuteActivity(ctx, l.Post, callID).Get(ctx, nil)
}

// Nothing stands for a step that is kept in the workflow's own task.
func (l *Lives) Nothing(context.Context) error { return nil }

// Dial takes as long as the phone rings.
func (l *Lives) Dial(ctx context.Context, id string) error {
	select {
	case <-time.After(l.Rings):
		markOf(&l.answered, id).set()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Record starts the delivery, as the product's does.
func (l *Lives) Record(ctx context.Context, id string) error {
	_, err := l.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: deliveryPrefix + id, TaskQueue: TaskQueue}, Deliver, id)
	return err
}

// Close stands for the deletion of the room.
func (l *Lives) Close(context.Context) error { return nil }

// Post stands for the webhook.
func (l *Lives) Post(_ context.Context, id string) error {
	markOf(&l.delivered, id).set()
	return nil
}

// AwaitAnswer waits until the call's phone is answered.
func (l *Lives) AwaitAnswer(ctx context.Context, id string) error {
	return markOf(&l.answered, id).wait(ctx, "answered", id)
}

// AwaitDelivery waits until the call's webhook would be out.
func (l *Lives) AwaitDelivery(ctx context.Context, id string) error {
	return markOf(&l.delivered, id).wait(ctx, "delivered", id)
}

// mark is set once, however often an activity runs again.
type mark struct {
	once sync.Once
	is   chan struct{} // closed when it is set
}

func markOf(m *sync.Map, id string) *mark {
	v, _ := m.LoadOrStore(id, &mark{is: make(chan struct{})})
	return v.(*mark)
}

func (m *mark) set() { m.once.Do(func() { close(m.is) }) }

func (m *mark) wait(ctx context.Context, what, id string) error {
	select {
	case <-m.is:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("bare call %s was not %s: %w", id, what, context.Cause(ctx))
	}
}
