package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// shown is a delivery with its attempts in JSON, with the operators' API's names.
type shown struct {
	Delivery   listed         `json:"delivery"`
	MaskedBody string         `json:"masked_body"`
	Attempts   []shownAttempt `json:"attempts"`
}

type shownAttempt struct {
	N               int                 `json:"n"` // 1 for the first of its trigger
	Trigger         string              `json:"trigger"`
	ReplayID        string              `json:"replay_id,omitempty"`
	StartedAt       time.Time           `json:"started_at"`
	URL             string              `json:"url"`
	Status          int                 `json:"status"` // 0: there was no answer
	ErrorClass      string              `json:"error_class"`
	Error           string              `json:"error"`
	RemoteAddress   string              `json:"remote_address"`
	TotalMS         float64             `json:"total_ms"`
	RequestHeaders  map[string][]string `json:"request_headers"`
	ResponseHeaders map[string][]string `json:"response_headers"`
	ResponseBody    string              `json:"response_body"`
	Truncated       bool                `json:"truncated"`
	NextAttemptAt   *time.Time          `json:"next_attempt_at"`
}

func deliveriesShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show <event or call id>", Short: "Show a delivery with every attempt", Args: cobra.ExactArgs(1),
		Example: "  click2call deliveries show evt_7b1c…\n  click2call deliveries show c2c_7b1c… --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withDatabase(cmd.Context(), func(ctx context.Context, a *app) error {
				s, err := a.showDelivery(ctx, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), s)
				}
				return s.print(cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with headers and responses")
	return cmd
}

func (a *app) showDelivery(ctx context.Context, id string) (shown, error) {
	d, err := a.store.Delivery(ctx, id)
	if callID, ok := call.ParseID(id); ok {
		d, err = a.store.DeliveryOfCall(ctx, callID)
	}
	if err != nil {
		return shown{}, unknownDelivery(err, id)
	}
	c, err := a.store.Call(ctx, d.CallID)
	if err != nil {
		return shown{}, err
	}
	attempts, err := a.store.Attempts(ctx, d.EventID)
	if err != nil {
		return shown{}, err
	}
	l := store.ListedDelivery{Delivery: d, CaseID: c.CaseID, CustomerNumber: c.CustomerNumber}
	if c.Outcome != nil {
		l.CallStatus = c.Outcome.CallStatus
	}
	s := shown{Delivery: listedOf(l), MaskedBody: call.MaskIn(string(d.Body), c.CustomerNumber), Attempts: make([]shownAttempt, len(attempts))}
	for i, t := range attempts {
		s.Attempts[i] = attemptOf(t, c.CustomerNumber)
	}
	return s, nil
}

func attemptOf(t store.Attempt, number string) shownAttempt {
	return shownAttempt{
		N: t.N, Trigger: string(t.Trigger), ReplayID: t.ReplayID, StartedAt: t.StartedAt.UTC(), URL: t.URL, Status: t.Status,
		ErrorClass: t.ErrorClass, Error: call.MaskIn(t.Error, number), RemoteAddress: t.RemoteAddr, TotalMS: float64(t.Total.Microseconds()) / 1000,
		RequestHeaders: maskHeaders(t.RequestHeaders, number), ResponseHeaders: maskHeaders(t.ResponseHeaders, number),
		ResponseBody: call.MaskIn(strings.ToValidUTF8(string(t.ResponseBody), "\uFFFD"), number), Truncated: t.Truncated,
		NextAttemptAt: utc(t.NextAttemptAt),
	}
}

func maskHeaders(headers map[string][]string, number string) map[string][]string {
	masked := make(map[string][]string, len(headers))
	for name, values := range headers {
		for _, v := range values {
			masked[name] = append(masked[name], call.MaskIn(v, number))
		}
	}
	return masked
}

func (s shown) print(w io.Writer) error {
	d := s.Delivery
	facts := newTable(w)
	for _, row := range [][2]string{
		{"Event", d.EventID}, {"Call", d.CallID}, {"Case", plain(d.CaseID)}, {"Number", d.MaskedNumber}, {"Outcome", d.CallStatus},
		{"State", stateWords[store.DeliveryState(d.State)]}, {"Created", local(&d.CreatedAt)}, {"Delivered", local(d.DeliveredAt)}, {"Next attempt", local(d.NextAttemptAt)},
	} {
		if row[1] != "" {
			facts.AppendRow(table.Row{row[0], row[1]})
		}
	}
	facts.Render()
	if _, err := fmt.Fprintf(w, "\n%s\n\n", plain(s.MaskedBody)); err != nil {
		return err
	}
	if len(s.Attempts) == 0 {
		_, err := fmt.Fprintln(w, "No attempt has been made yet.")
		return err
	}
	rows := newTable(w, "Attempt", "At", "Status", "Took", "Address", "Error", "Next attempt")
	for _, t := range s.Attempts {
		name := t.Trigger + " " + strconv.Itoa(t.N)
		took := strconv.FormatFloat(t.TotalMS, 'f', 0, 64) + " ms"
		status := "none"
		if t.Status != 0 {
			status = strconv.Itoa(t.Status)
		}
		rows.AppendRow(table.Row{name, local(&t.StartedAt), status, took, t.RemoteAddress, text.Snip(plain(t.Error), maxError, "…"), local(t.NextAttemptAt)})
	}
	rows.Render()
	return nil
}
