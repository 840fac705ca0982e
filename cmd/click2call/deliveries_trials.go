package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/webhook/trial"
)

// The environment of a receiver, in which its secrets are safer than in the list of processes.
const (
	receiverSecret = "CLICK2CALL_WEBHOOK_SECRET"
	receiverKey    = "CLICK2CALL_OUTBOUND_KEY"
)

// scorecard is what a receiver did, in JSON with the operators' API's names.
type scorecard struct {
	URL    string  `json:"url"`
	Passed int     `json:"passed"`
	Total  int     `json:"total"`
	Trials []score `json:"trials"`
}

type score struct {
	Name      string   `json:"name"`
	Group     string   `json:"group"`
	Title     string   `json:"title"`
	Sends     string   `json:"sends"`
	Expects   string   `json:"expects"`
	Passed    bool     `json:"passed"`
	Came      string   `json:"came"`
	Advice    string   `json:"advice"` // empty: nothing is to be changed
	TookMs    float64  `json:"took_ms"`
	EventID   string   `json:"event_id"`
	Statuses  []int    `json:"statuses"`  // of the answers, in order; 0: there was none
	Responses []string `json:"responses"` // the first kilobyte of each
}

func deliveriesTest() *cobra.Command {
	var to webhook.Request
	var endpoint string
	var only []string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "test", Short: "Put a CRM's receiver of webhooks to the test", Args: cobra.NoArgs,
		Long: "Put a CRM's receiver of webhooks to the test: one outcome of each kind, then duplicates, retries, forgeries and a slow link.\n\n" +
			"It tests the endpoint that outcomes go to. With --url it tests any receiver, also on this machine, and needs no database; the\n" +
			"secret and the key may then also be in " + receiverSecret + " and " + receiverKey + ".\n" +
			"Exits with 1 unless the receiver has full marks.",
		Example: "  click2call deliveries test\n" +
			"  " + receiverSecret + "=whsec_… " + receiverKey + "=… click2call deliveries test --url http://localhost:3000/webhooks/click2call\n" +
			"  click2call deliveries test --trial duplicate,late --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			run := func(ctx context.Context, g webhook.Guard, to webhook.Request) error {
				return testReceiver(ctx, cmd, webhook.NewSender(g, version), to, only, asJSON)
			}
			if to.URL == "" {
				return withDatabase(cmd.Context(), func(ctx context.Context, a *app) error {
					to, err := a.receiver(ctx, endpoint)
					if err != nil {
						return err
					}
					return run(ctx, a.guard, to)
				})
			}
			guard, err := guardOnThisMachine()
			if err != nil {
				return err
			}
			secret := cmp.Or(strings.Join(to.Secrets, ""), os.Getenv(receiverSecret))
			if secret == "" {
				return fmt.Errorf("give the receiver's secret: --secret whsec_…, or %s", receiverSecret)
			}
			to.Secrets, to.APIKey, to.AllowHTTP = []string{secret}, cmp.Or(to.APIKey, os.Getenv(receiverKey)), true
			return run(cmd.Context(), guard, to)
		},
	}
	f := cmd.Flags()
	f.StringVar(&to.URL, "url", "", "test this receiver instead of an endpoint of the installation")
	f.StringSliceVar(&to.Secrets, "secret", nil, "with --url: what the receiver verifies with, whsec_…")
	f.StringVar(&to.APIKey, "api-key", "", "with --url: what the receiver expects as X-api-key")
	f.StringVar(&endpoint, "endpoint", "", "the endpoint's id; the default one when absent")
	f.StringSliceVar(&only, "trial", nil, "only these trials, by name; several with commas")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("url", "endpoint")
	return cmd
}

// receiver is the receiver of an endpoint of this installation, with the keys that are valid now.
func (a *app) receiver(ctx context.Context, endpointID string) (webhook.Request, error) {
	endpoint, err := a.store.Endpoint(ctx, endpointID)
	if errors.Is(err, store.ErrNotFound) && endpointID == "" {
		return webhook.Request{}, errors.New("no webhook URL is set: set one in Settings, or test a receiver with --url")
	}
	if errors.Is(err, store.ErrNotFound) {
		return webhook.Request{}, fmt.Errorf("no endpoint has the id %.64q: see Settings for those that exist", endpointID)
	}
	if err != nil {
		return webhook.Request{}, err
	}
	settings, err := a.settings.Get(ctx)
	if err != nil {
		return webhook.Request{}, err
	}
	to := activities.RequestTo(endpoint, time.Now())
	to.AllowHTTP = !settings.WebhookHTTPSOnly
	return to, nil
}

// guardOnThisMachine lets a developer test what listens beside the command: whoever can type it can reach that anyway.
func guardOnThisMachine() (webhook.Guard, error) {
	cfg, err := readConfig()
	if err != nil {
		return webhook.Guard{}, err
	}
	g, err := cfg.guard()
	g.Allowed = append(g.Allowed, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	return g, err
}

// testReceiver runs the trials one after the other and prints the scorecard.
func testReceiver(ctx context.Context, cmd *cobra.Command, s trial.Sender, to webhook.Request, only []string, asJSON bool) error {
	names := only
	if len(names) == 0 {
		for _, t := range trial.All(to) {
			names = append(names, t.Name)
		}
	}
	card := scorecard{URL: webhook.RedactURL(to.URL), Total: len(names), Trials: make([]score, 0, len(names))}
	progress := io.Discard
	if onTerminal(cmd.ErrOrStderr()) {
		progress = cmd.ErrOrStderr()
	}
	for i, name := range names {
		_, _ = fmt.Fprintf(progress, "\r\x1b[K%d of %d: %s", i+1, len(names), name)
		res, err := trial.Run(ctx, s, to, name)
		if errors.Is(err, trial.ErrUnknown) {
			return fmt.Errorf("--trial %.64q: there is no such trial for this receiver; without --trial all are run and named", name)
		}
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		if res.Passed {
			card.Passed++
		}
		card.Trials = append(card.Trials, scoreOf(res))
	}
	_, _ = fmt.Fprint(progress, "\r\x1b[K")
	if err := card.print(cmd.OutOrStdout(), asJSON); err != nil {
		return err
	}
	if card.Passed < card.Total {
		return fmt.Errorf("the receiver passed %d of %d trials", card.Passed, card.Total)
	}
	return nil
}

func scoreOf(res trial.Result) score {
	const shown = 1 << 10
	s := score{
		Name: res.Trial.Name, Group: string(res.Trial.Group), Title: res.Trial.Title, Sends: res.Trial.Sends, Expects: res.Trial.Expects,
		Passed: res.Passed, Came: res.Came, Advice: res.Advice, TookMs: float64(res.Took.Microseconds()) / 1000, EventID: res.Exchanges[0].EventID,
	}
	for _, e := range res.Exchanges {
		s.Statuses = append(s.Statuses, e.Status)
		s.Responses = append(s.Responses, strings.ToValidUTF8(string(e.ResponseBody[:min(len(e.ResponseBody), shown)]), "\uFFFD"))
	}
	return s
}

func (c scorecard) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(w, c)
	}
	rows := newTable(w, "", "Trial", "What", "Answers", "Took")
	for _, s := range c.Trials {
		mark, answers := "ok", make([]string, len(s.Statuses))
		if !s.Passed {
			mark = "FAIL"
		}
		for i, status := range s.Statuses {
			if answers[i] = strconv.Itoa(status); status == 0 {
				answers[i] = "none"
			}
		}
		rows.AppendRow(table.Row{mark, s.Name, s.Title, strings.Join(answers, ", "), time.Duration(s.TookMs * float64(time.Millisecond)).Round(time.Millisecond)})
	}
	rows.Render()
	text := ""
	for _, s := range c.Trials {
		if s.Advice != "" {
			text += fmt.Sprintf("\n%s: %s\n  Expected: %s\n  Came: %s\n  To do: %s\n", s.Name, s.Sends, s.Expects, plain(s.Came), s.Advice)
		}
	}
	_, err := fmt.Fprintf(w, "%s\n%d of %d passed: %s\n", text, c.Passed, c.Total, c.URL)
	return err
}
