package history

import (
	"context"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Read returns the whole history of a workflow's latest run.
func Read(ctx context.Context, c client.Client, workflowID string) ([]*historypb.HistoryEvent, error) {
	return ReadRun(ctx, c, workflowID, "")
}

// ReadRun returns the whole history of one run of a workflow.
func ReadRun(ctx context.Context, c client.Client, workflowID, runID string) ([]*historypb.HistoryEvent, error) {
	var events []*historypb.HistoryEvent
	iter := c.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for iter.HasNext() {
		e, err := iter.Next()
		if err != nil {
			return nil, fmt.Errorf("read history of %s: %w", workflowID, err)
		}
		events = append(events, e)
	}
	return events, nil
}

// JSON renders a history as `temporal workflow show -o json` does, for the SDK's replayer.
func JSON(events []*historypb.HistoryEvent) ([]byte, error) {
	text, err := protojson.MarshalOptions{Multiline: true, Indent: " "}.Marshal(&historypb.History{Events: events})
	if err != nil {
		return nil, fmt.Errorf("render history: %w", err)
	}
	return text, nil
}

// Text is every string and every payload of a message in one text: what somebody who can read Temporal's database
// can read.
func Text(m proto.Message) (string, error) {
	var all strings.Builder
	err := protorange.Range(m.ProtoReflect(), func(p protopath.Values) error {
		switch v := p.Index(-1).Value.Interface().(type) {
		case string:
			all.WriteString(v + "\n")
		case []byte:
			all.Write(append(v[:len(v):len(v)], '\n'))
		case protoreflect.Map:
			v.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
				all.WriteString(k.String() + "\n")
				return true
			})
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the texts of a message: %w", err)
	}
	return all.String(), nil
}
