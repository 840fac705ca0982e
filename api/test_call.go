package api

import (
	"context"
	"strings"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/call"
)

// testCase is the case_id of the calls that operators make from the console; their outcomes go to the CRM like any other.
const testCase = "test-call"

// TestCalls opens calls for operators, on the same path as POST /click2call.
type TestCalls struct{ api *API }

// TestCall is what a browser needs to join a call.
type TestCall struct {
	ID           call.ID
	WSURL, Token string
}

// NewTestCalls returns a TestCalls. It needs the same as [New].
func NewTestCalls(d Deps) *TestCalls { return &TestCalls{api: newAPI(d)} }

// Place opens a call from agentID's browser to number, through the trunk that is named, enabled or not: that is how one finds out
// whether it works. An empty trunkID means the trunk that calls leave by, an empty did the trunk's default. The error is a
// *problem.Error; after it nothing is left behind, but for store_unavailable: then nobody knows.
func (t *TestCalls) Place(ctx context.Context, number, did, trunkID, agentID string) (TestCall, error) {
	var o object
	request := oapi.PlaceCallRequest{CaseID: testCase, AgentID: agentID, CustomerNumber: number}
	o.check("customer_number", call.CheckCustomerNumber(number))
	if strings.TrimSpace(did) != "" {
		normal, err := call.NormalizeDID(did)
		o.check("did", err)
		request.Did = &normal
	}
	if err := o.err(); err != nil {
		return TestCall{}, err
	}
	p, err := t.api.prepare(ctx, request, trunkID)
	if err != nil {
		return TestCall{}, err
	}
	if _, err := t.api.open(ctx, p, p.call.ID); err != nil {
		return TestCall{}, err
	}
	return TestCall{ID: p.call.ID, WSURL: p.wsURL, Token: p.token}, nil
}
