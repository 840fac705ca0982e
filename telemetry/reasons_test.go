package telemetry_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

// ordinary are the ways in which calls end when everything works, each with why no number of them is a fault of ours or of a trunk.
var ordinary = map[call.Reason]string{
	call.ReasonCustomerHangup:      "people end calls",
	call.ReasonAgentHangup:         "people end calls",
	call.ReasonAgentLost:           "one agent's page or network; the reports show it by agent",
	call.ReasonMaxDuration:         "a limit that an operator set",
	call.ReasonBusy:                "the customer's phone said so",
	call.ReasonDeclined:            "the customer's phone said so",
	call.ReasonNoAnswer:            "nobody answered",
	call.ReasonAgentCancelled:      "people end calls",
	call.ReasonInvalidNumber:       "the CRM's data",
	call.ReasonNeverConnected:      "the agent's page did not connect; nobody was dialed",
	call.ReasonCancelledBeforeDial: "nobody was dialed",
}

// TestEveryReasonIsSomebodysAffair: each reason is in an alert, or in the list of ordinary endings with its why.
func TestEveryReasonIsSomebodysAffair(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("../deploy/prometheus/alerts.yml")
	require.NoError(t, err)
	alerted := map[string]bool{}
	for _, m := range regexp.MustCompile(`[^!]reason=~?"([^"]+)"`).FindAllStringSubmatch(string(rules), -1) {
		for _, reason := range strings.Split(m[1], "|") {
			alerted[reason] = true
		}
	}
	all := slices.Concat(call.Answered.Reasons(), call.NotAnswered.Reasons(), call.Failed.Reasons())
	for _, reason := range all {
		why, fine := ordinary[reason]
		require.NotEqual(t, fine, alerted[string(reason)], "%s must be in one of the two", reason)
		require.Equal(t, fine, why != "")
		delete(alerted, string(reason))
	}
	require.Empty(t, alerted, "alerts on reasons that do not exist")
}
