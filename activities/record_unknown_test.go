package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// TestReviewRecordOfACallWithoutARow: the database was restored from a backup that is older than the call. It is asked three times,
// and then the failure holds the outcome; it used to be asked every 10 s for ever.
func TestReviewRecordOfACallWithoutARow(t *testing.T) {
	t.Parallel()
	calls := newFakeCalls()
	calls.missing = true
	a, _ := calling(t, &fakeRooms{}, calls)
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(a)
	o := call.FromSIPCode(486)
	o.EndedAt = time.Now()
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute,
			RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, MaximumAttempts: 100}})
		return workflow.ExecuteActivity(ctx, a.Record, activities.RecordInput{CallID: call.NewID(), Outcome: o}).Get(ctx, nil)
	})
	var app *temporal.ApplicationError
	require.ErrorAs(t, env.GetWorkflowError(), &app)
	require.Equal(t, activities.ErrTypeUnknownCall, app.Type())
	require.Contains(t, app.Message(), "busy")
	var held call.Outcome
	require.NoError(t, app.Details(&held))
	require.Equal(t, call.ReasonBusy, held.Reason)
	require.Equal(t, 3, calls.asked)
}
