package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// deliveriesCommand is what operators do to deliveries without the console. It works where a worker would: with the same
// DATABASE_URL and TEMPORAL_ADDRESS.
func deliveriesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "deliveries", Short: "Look at outcomes on their way to the CRM, and send them again", Args: cobra.NoArgs,
		Long: "Look at outcomes on their way to the CRM, and send them again.\n\n" +
			"Run it with the environment of a worker: it reads DATABASE_URL, CLICK2CALL_SECRET_KEY and TEMPORAL_ADDRESS.\n" +
			"Customers' numbers are masked.",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(deliveriesList(), deliveriesShow(), deliveriesReplay(), deliveriesWatch(), deliveriesTest())
	cmd.AddCommand(deliveriesSteer()...)
	return cmd
}

// withDatabase opens a database that is there: a mistyped DATABASE_URL must not make an empty one that has no deliveries.
func withDatabase(ctx context.Context, do func(context.Context, *app) error) error {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	if file, ok := strings.CutPrefix(cfg.DatabaseURL, "sqlite:"); ok {
		if _, err := os.Stat(strings.TrimPrefix(file, "//")); errors.Is(err, fs.ErrNotExist) {
			return &configError{"DATABASE_URL", "there is no database at " + file + ": give the one that the worker uses"}
		}
	}
	return withApp(ctx, do)
}

// selection are the flags that choose deliveries.
type selection struct {
	states, statuses       []string
	trunk, endpoint        string
	since, until           string
	allStates, allStatuses []string
}

func (s *selection) register(cmd *cobra.Command, states string) {
	s.allStates = []string{string(store.DeliveryPending), string(store.DeliveryParked), string(store.DeliveryDead), string(store.DeliveryDelivered)}
	s.allStatuses = []string{string(call.Answered), string(call.NotAnswered), string(call.Failed)}
	f := cmd.Flags()
	f.StringSliceVar(&s.states, "state", nil, "pending (waiting for retry), parked (on hold), dead (failed for good) or delivered; several with commas"+states)
	f.StringSliceVar(&s.statuses, "call-status", nil, "ANSWERED, NOT_ANSWERED or FAILED; several with commas")
	f.StringVar(&s.trunk, "trunk", "", "the trunk's id")
	f.StringVar(&s.endpoint, "endpoint", "", "the endpoint's id")
	f.StringVar(&s.since, "since", "", "created at or after: 2026-11-21T08:00:00+05:30, or 36h for as long ago")
	f.StringVar(&s.until, "until", "", "created before, in the same forms")
}

func (s *selection) given() bool {
	return len(s.states)+len(s.statuses)+len(s.trunk)+len(s.endpoint)+len(s.since)+len(s.until) > 0
}

// read returns what the flags choose.
func (s *selection) read(now time.Time) (store.ReplaySelection, error) {
	chosen := store.ReplaySelection{TrunkID: s.trunk, EndpointID: s.endpoint}
	var err error
	if chosen.Since, err = moment("since", s.since, now); err != nil {
		return chosen, err
	}
	if chosen.Until, err = moment("until", s.until, now); err != nil {
		return chosen, err
	}
	for _, text := range s.states {
		if !slices.Contains(s.allStates, text) {
			return chosen, fmt.Errorf("--state %q: give one of %s", text, strings.Join(s.allStates, ", "))
		}
		chosen.States = append(chosen.States, store.DeliveryState(text))
	}
	for _, text := range s.statuses {
		if !slices.Contains(s.allStatuses, text) {
			return chosen, fmt.Errorf("--call-status %q: give one of %s", text, strings.Join(s.allStatuses, ", "))
		}
		chosen.CallStatuses = append(chosen.CallStatuses, call.CallStatus(text))
	}
	return chosen, nil
}

// moment reads a point in time, or how long ago it was.
func moment(flag, text string, now time.Time) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		at := now.Add(-ago)
		return &at, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, fmt.Errorf("--%s %q: give a moment such as 2026-11-21T08:00:00+05:30, or how long ago, such as 36h", flag, text)
	}
	return &at, nil
}

// onTerminal reports whether people look at a stream, or type into it.
func onTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// plain makes a text from outside harmless to a terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' {
			return r
		}
		return '\uFFFD'
	}, text)
}

func local(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC()
	return &at
}

// stateWords are the states of a delivery as people read them, in the console too.
var stateWords = map[store.DeliveryState]string{
	store.DeliveryPending: "waiting for retry", store.DeliveryParked: "on hold", store.DeliveryDead: "failed for good", store.DeliveryDelivered: "delivered",
}
