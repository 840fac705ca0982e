package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	listPage = 200
	maxList  = 10_000
	maxError = 60 // characters of an error in a list
)

// listed is a delivery in JSON, with the operators' API's names.
type listed struct {
	EventID       string     `json:"event_id"`
	CallID        string     `json:"call_id"`
	CaseID        string     `json:"case_id"`
	MaskedNumber  string     `json:"masked_number"`
	CallStatus    string     `json:"call_status"`
	State         string     `json:"state"`
	Attempts      int        `json:"attempts"`
	CreatedAt     time.Time  `json:"created_at"`
	NextAttemptAt *time.Time `json:"next_attempt_at"`
	DeliveredAt   *time.Time `json:"delivered_at"`
	LastStatus    int        `json:"last_status"` // 0: there was no answer
	LastError     string     `json:"last_error"`
}

func deliveriesList() *cobra.Command {
	var choice selection
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List deliveries, newest first", Args: cobra.NoArgs,
		Example: "  click2call deliveries list --state dead,parked --since 36h\n" +
			"  click2call deliveries list --state dead --limit 1000 --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			chosen, err := choice.read(time.Now())
			if err == nil && (limit < 1 || limit > maxList) {
				err = fmt.Errorf("--limit must be 1 to %d", maxList)
			}
			if err != nil {
				return err
			}
			return withDatabase(cmd.Context(), func(ctx context.Context, a *app) error {
				all, more, err := a.listDeliveries(ctx, chosen, limit)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), map[string]any{"deliveries": all, "more": more})
				}
				return showList(cmd.OutOrStdout(), all, more)
			})
		},
	}
	choice.register(cmd, "; all when absent")
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most, up to 10000")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// listDeliveries returns at most limit deliveries, and whether there are more.
func (a *app) listDeliveries(ctx context.Context, chosen store.ReplaySelection, limit int) (all []listed, more bool, err error) {
	all = []listed{}
	filter := store.DeliveryFilter{
		States: chosen.States, CallStatuses: chosen.CallStatuses, TrunkID: chosen.TrunkID, EndpointID: chosen.EndpointID,
		Since: chosen.Since, Until: chosen.Until,
	}
	for len(all) < limit {
		filter.Limit = min(listPage, limit-len(all))
		page, err := a.store.ListDeliveries(ctx, filter)
		if err != nil {
			return nil, false, err
		}
		for _, d := range page.Deliveries {
			all = append(all, listedOf(d))
		}
		if filter.Cursor = page.Next; page.Next == "" {
			return all, false, nil
		}
	}
	return all, true, nil
}

func listedOf(d store.ListedDelivery) listed {
	return listed{
		EventID: d.EventID, CallID: string(d.CallID), CaseID: d.CaseID, MaskedNumber: call.Mask(d.CustomerNumber),
		CallStatus: string(d.CallStatus), State: string(d.State), Attempts: d.Attempts, CreatedAt: d.CreatedAt.UTC(),
		NextAttemptAt: utc(d.NextAttemptAt), DeliveredAt: utc(d.DeliveredAt), LastStatus: d.LastStatus,
		LastError: call.MaskIn(d.LastError, d.CustomerNumber),
	}
}

func showList(w io.Writer, all []listed, more bool) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "No delivery matches.")
		return err
	}
	rows := newTable(w, "Event", "State", "Call", "Number", "Case", "Attempts", "Created", "Next attempt", "Last error")
	for _, d := range all {
		rows.AppendRow(table.Row{d.EventID, stateWords[store.DeliveryState(d.State)], d.CallStatus, d.MaskedNumber, plain(d.CaseID), d.Attempts, local(&d.CreatedAt), local(d.NextAttemptAt),
			text.Snip(plain(d.LastError), maxError, "…")})
	}
	rows.Render()
	if more {
		_, err := fmt.Fprintln(w, "There are more: raise --limit, or narrow the choice.")
		return err
	}
	return nil
}

// newTable is a table without lines, to be read by people and cut by programs.
func newTable(w io.Writer, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	style := t.Style()
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	if len(header) > 0 {
		t.AppendHeader(header)
	}
	return t
}

// unknownDelivery says what to do about an id that nobody has.
func unknownDelivery(err error, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("no outcome has the id %.64q: check its spelling; a call that lives has none yet", id)
	}
	return err
}
