package cluster

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// clerk finishes the migration's Jobs, as a cluster's Job controller does once the pod has ended: well, or, for as long as fail says so, not.
// Helm waits for nothing else.
type clerk struct {
	c    *cluster
	fail chan bool
	done chan struct{}
}

const clerkLooks = 200 * time.Millisecond

// hire starts a clerk that works until ctx ends.
func hire(ctx context.Context, c *cluster) *clerk {
	k := &clerk{c: c, fail: make(chan bool), done: make(chan struct{})}
	go func() {
		defer close(k.done)
		failing := false
		ticker := time.NewTicker(clerkLooks)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case failing = <-k.fail:
			case <-ticker.C:
				_ = k.finish(ctx, failing) // what could not be finished is there at the next look
			}
		}
	}()
	return k
}

// finish ends every Job that has not ended.
func (k *clerk) finish(ctx context.Context, failing bool) error {
	jobs, err := k.c.list(ctx, "/apis/batch/v1/namespaces/"+namespace+"/jobs")
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if conditions, _ := at(job, "status", "conditions").([]any); len(conditions) > 0 {
			continue
		}
		name, _ := at(job, "metadata", "name").(string)
		now := time.Now().UTC().Format(time.RFC3339)
		condition := func(kind, reason string) map[string]any {
			return map[string]any{"type": kind, "status": "True", "reason": reason, "lastProbeTime": now, "lastTransitionTime": now}
		}
		status := map[string]any{
			"startTime": now, "completionTime": now, "succeeded": 1,
			"conditions": []any{condition("SuccessCriteriaMet", "CompletionsReached"), condition("Complete", "CompletionsReached")},
		}
		if failing {
			status = map[string]any{
				"startTime": now, "failed": 4,
				"conditions": []any{condition("FailureTarget", "BackoffLimitExceeded"), condition("Failed", "BackoffLimitExceeded")},
			}
		}
		if _, err := k.c.do(ctx, http.MethodPatch, "/apis/batch/v1/namespaces/"+namespace+"/jobs/"+name+"/status", map[string]any{"status": status}); err != nil {
			return fmt.Errorf("finish the job: %w", err)
		}
	}
	return nil
}

// list are the objects of a collection.
func (c *cluster) list(ctx context.Context, path string) ([]map[string]any, error) {
	out, err := c.do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	items, _ := out["items"].([]any)
	all := make([]map[string]any, 0, len(items))
	for _, i := range items {
		if o, ok := i.(map[string]any); ok {
			all = append(all, o)
		}
	}
	return all, nil
}

// at is the value at a path of fields and list positions, nil when there is none.
func at(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}
