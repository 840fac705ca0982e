package activities

import (
	"fmt"
	"slices"

	"github.com/click2call/click2call/store"
)

// ledgerAlerts is what operators should hear of a check: what it healed, and what it could not heal that it could before.
func ledgerAlerts(c store.LedgerCheck, known []string, sums store.LedgerSums, overdue int) []Alert {
	var alerts []Alert
	if c.CallsEnded+c.DeliveriesStarted > 0 {
		alerts = append(alerts, Alert{Kind: AlertLedgerHealed, Text: fmt.Sprintf(
			"The ledger ended %d calls and started %d deliveries whose workflows were gone. Nothing is lost; find out who ended the workflows.",
			c.CallsEnded, c.DeliveriesStarted)})
	}
	fresh := slices.DeleteFunc(slices.Clone(c.Unresolved), func(id string) bool { return slices.Contains(known, id) })
	if len(fresh) > 0 && len(known) < store.MaxUnresolved { // more are not remembered, and would be told by each check
		alerts = append(alerts, Alert{Kind: AlertLedgerUnresolved, Text: fmt.Sprintf(
			"The ledger cannot heal %d calls or deliveries yet, the first is %s. It tries again every five minutes; the log says why.", len(fresh), fresh[0])})
	}
	if !sums.Balanced() {
		alerts = append(alerts, Alert{Kind: AlertLedgerUnbalanced, Text: fmt.Sprintf(
			"The ledger of the last 24 hours does not add up: %d calls accepted, %d live, %d outcomes; of these %d acknowledged, %d waiting, %d parked, %d dead, %d without a delivery.",
			sums.Accepted, sums.Live, sums.Outcomes, sums.Acknowledged, sums.Waiting, sums.Parked, sums.Dead, sums.Missing)})
	}
	if overdue > 0 {
		alerts = append(alerts, Alert{Kind: AlertDeliveriesOverdue, Text: fmt.Sprintf(
			"%d deliveries are overdue: their attempts should have been made more than a minute ago. See Click2callDeliveriesOverdue in docs/operations.md.", overdue)})
	}
	return alerts
}

// brakeAlert is sent by every check while the brake holds.
func brakeAlert(gone, live int) Alert {
	return Alert{Kind: AlertLedgerHeld, Text: fmt.Sprintf(
		"%d of %d live calls seem to have no workflow. That many are rather seen wrongly than gone, so the ledger ended none of them and waits for your word. See Click2callLedgerHeld in docs/operations.md.",
		gone, live)}
}
