package admin

import (
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// newTarget is a new endpoint as it was asked for.
func newTarget(in oapi.NewEndpoint) store.EndpointTarget {
	return store.EndpointTarget{URL: &in.URL, APIKey: in.APIKey, Headers: in.Headers, Name: in.Name, EventTypes: in.EventTypes, Filter: filterOf(in.Filter),
		Schedule: waits(in.ScheduleSeconds), MaxPerSecond: in.MaxPerSecond}
}

func filterOf(in *oapi.EventFilter) *store.EventFilter {
	if in == nil {
		return nil
	}
	f := store.EventFilter{TrunkIDs: in.TrunkIDs, AgentPrefix: value(in.AgentPrefix)}
	for _, status := range in.CallStatuses {
		f.CallStatuses = append(f.CallStatuses, call.CallStatus(status))
	}
	return &f
}

func filterView(f store.EventFilter) oapi.EventFilter {
	view := oapi.EventFilter{TrunkIDs: f.TrunkIDs, AgentPrefix: optional(f.AgentPrefix)}
	for _, status := range f.CallStatuses {
		view.CallStatuses = append(view.CallStatuses, string(status))
	}
	return view
}

// waits are those of a schedule; nil stays nil, which is another thing than none.
func waits(secondsOf []int) []time.Duration {
	if secondsOf == nil {
		return nil
	}
	all := make([]time.Duration, len(secondsOf))
	for i, s := range secondsOf {
		all[i] = inSeconds(s)
	}
	return all
}
