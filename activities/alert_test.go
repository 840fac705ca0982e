package activities_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/webhook"
)

// alerted is an observer that remembers.
type alerted map[string]int

func (a alerted) Alerts(kind string, n int) { a[kind] += n }

func TestAlertsAreCounted(t *testing.T) {
	t.Parallel()
	b, count := newDeliverBench(t), alerted{}
	b.Alerts = activities.NewCountAlerter(count)
	source, err := os.ReadFile("alert.go")
	require.NoError(t, err)
	kinds := alerted{}
	for _, declared := range regexp.MustCompile(`\sAlertKind = "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		kinds[declared[1]] = 0
	}
	require.Contains(t, kinds, "endpoint_failing")
	require.Equal(t, kinds, count, "every kind is known from the start")
	event := b.outcome()
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		return webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500"}
	}
	require.Error(t, b.deliver(event))
	require.Error(t, b.deliver(b.outcome()))
	require.Equal(t, 1, count["endpoint_failing"], "once for each change")
	b.crm = func(context.Context, webhook.Request) webhook.Result { return webhook.Result{Status: 200} }
	require.NoError(t, b.deliver(event))
	require.Equal(t, 1, count["endpoint_well"])
}

// TestEveryWebhookClassIsSomebodysAffair: whatever the class of a failed attempt, it counts against the endpoint, whose breaker and
// whose waiting outcomes have their alerts.
func TestEveryWebhookClassIsSomebodysAffair(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../webhook/class.go")
	require.NoError(t, err)
	classes := regexp.MustCompile(`\sClass\w+ +Class = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	classes = append(classes, regexp.MustCompile(`\sClass\w+ += "(\w+)"`).FindAllStringSubmatch(string(source), -1)...)
	require.Greater(t, len(classes), 8)
	for _, class := range classes {
		b, count := newDeliverBench(t), alerted{}
		b.Alerts = activities.NewCountAlerter(count)
		b.crm = func(context.Context, webhook.Request) webhook.Result {
			return webhook.Result{Class: webhook.Class(class[1]), Error: "it failed"}
		}
		require.Error(t, b.deliver(b.outcome()), class[1])
		require.Equal(t, 1, count["endpoint_failing"], class[1])
	}
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	posted := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posted <- body
	}))
	t.Cleanup(server.Close)
	logger := zerolog.New(&log)
	all := activities.Alerters{activities.LogAlerter{Log: logger}, activities.NewPostAlerter(server.URL, logger)}
	all.Alert(t.Context(), activities.Alert{Kind: activities.AlertDeliveryDead, EndpointID: "ep_1", EventID: "evt_1", Text: "It is dead."})

	var got struct {
		Kind       string    `json:"kind"`
		EndpointID string    `json:"endpoint_id"`
		EventID    string    `json:"event_id"`
		Text       string    `json:"text"`
		At         time.Time `json:"at"`
	}
	require.NoError(t, json.Unmarshal(<-posted, &got))
	require.Equal(t, "delivery_dead", got.Kind)
	require.Equal(t, "evt_1", got.EventID)
	require.Equal(t, "It is dead.", got.Text)
	require.WithinDuration(t, time.Now(), got.At, time.Minute)
	require.JSONEq(t, `{"level":"error","alert":"delivery_dead","endpoint_id":"ep_1","event_id":"evt_1","message":"It is dead."}`, log.String())
}

func TestAlertThatCannotBePosted(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	redirects := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(redirects.Close)
	for name, url := range map[string]string{"it answers 307": redirects.URL + "/?token=hunter2", "nobody listens": "http://127.0.0.1:1/?token=hunter2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			activities.NewPostAlerter(url, zerolog.New(&log)).Alert(t.Context(), activities.Alert{Kind: activities.AlertEndpointFailing})
			require.Contains(t, log.String(), `"level":"warn"`)
			require.Contains(t, log.String(), "endpoint_failing")
			require.NotContains(t, log.String(), "hunter2")
		})
	}
}
