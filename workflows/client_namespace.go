package workflows

import (
	"context"
	"fmt"

	"go.temporal.io/api/workflowservice/v1"
)

// NamespaceID returns the id that Temporal gave a namespace when it was made. Every worker of the SDK asks the same when it starts, so
// it needs no further permission.
func (c *Client) NamespaceID(ctx context.Context, name string) (string, error) {
	got, err := c.temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: name})
	if err != nil {
		return "", fmt.Errorf("%w: describe namespace %s: %w", ErrTemporalUnavailable, name, err)
	}
	id := got.GetNamespaceInfo().GetId()
	if id == "" {
		return "", fmt.Errorf("%w: namespace %s has no id", ErrTemporalUnavailable, name)
	}
	return id, nil
}
