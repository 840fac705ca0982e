package activities

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// DeliverInput names the outcome to deliver.
type DeliverInput struct {
	EventID string `json:"event_id"`
}

// Deliveries is what delivering needs of the store.
type Deliveries interface {
	Delivery(ctx context.Context, eventID string) (store.Delivery, error)
	SaveAttempt(ctx context.Context, a store.Attempt) error
	MarkDelivered(ctx context.Context, eventID string, at time.Time) error
	MarkDead(ctx context.Context, eventID string, at time.Time) error
}

// Endpoints finds where webhooks go. ErrNotFound while none is configured.
type Endpoints interface {
	Endpoint(ctx context.Context, id string) (store.Endpoint, error)
	DefaultEndpoint(ctx context.Context) (store.Endpoint, error)
}

// Delivering holds the activity that posts outcomes. Register it once on a worker of the deliveries task queue.
type Delivering struct {
	Deliveries Deliveries
	Endpoints  Endpoints
	Settings   interface {
		Get(ctx context.Context) (store.Settings, error)
	}
	Sender *webhook.Sender
	Log    zerolog.Logger
}

// Deliver makes one attempt to post an outcome to the CRM and writes the attempt down.
//
// Side effect: one POST. Idempotent for a CRM that knows the webhook-id; the bytes are those that were stored with the
// outcome. It fails with ErrTypeNotDelivered and the wait until the next attempt, or, when the schedule is exhausted,
// for good with ErrTypeDead. It heartbeats every 3 s; time limit 45 s.
func (d *Delivering) Deliver(ctx context.Context, in DeliverInput) error {
	stopBeating := beat(ctx) // a CRM that answers at once costs none
	defer stopBeating()
	delivery, err := d.Deliveries.Delivery(ctx, in.EventID)
	if err != nil {
		return fmt.Errorf("read delivery %s: %w", in.EventID, err)
	}
	if delivery.State == store.DeliveryDelivered {
		return nil
	}
	settings, err := d.Settings.Get(ctx)
	if err != nil {
		return fmt.Errorf("read the delivery schedule: %w", err)
	}
	attempt := delivery.Attempts + 1
	endpoint, err := d.endpointOf(ctx, delivery)
	if err != nil {
		return fmt.Errorf("find the endpoint of %s: %w", in.EventID, err)
	}
	result := d.send(ctx, delivery, endpoint, attempt, !settings.WebhookHTTPSOnly)
	wait, more := untilNext(settings.DeliverySchedule, attempt)
	if err := d.Deliveries.SaveAttempt(ctx, attemptRow(delivery, endpoint, attempt, result, wait, more)); err != nil {
		return fmt.Errorf("save attempt %d of %s: %w", attempt, in.EventID, err)
	}
	switch {
	case result.Class == "":
		return d.Deliveries.MarkDelivered(ctx, in.EventID, time.Now().UTC())
	case !more:
		return d.giveUp(ctx, delivery, attempt, result)
	default:
		return temporal.NewApplicationErrorWithOptions(
			fmt.Sprintf("attempt %d: %s", attempt, result.Error), ErrTypeNotDelivered,
			temporal.ApplicationErrorOptions{NextRetryDelay: wait, Category: temporal.ApplicationErrorCategoryBenign})
	}
}

func (d *Delivering) send(ctx context.Context, delivery store.Delivery, endpoint store.Endpoint, attempt int, allowHTTP bool) webhook.Result {
	now := time.Now()
	secrets := make([]string, 0, len(endpoint.Secrets))
	for _, s := range endpoint.Secrets {
		if s.NotAfter == nil || now.Before(*s.NotAfter) {
			secrets = append(secrets, s.Secret)
		}
	}
	return d.Sender.Send(ctx, webhook.Request{
		URL: endpoint.URL, APIKey: endpoint.APIKey, Secrets: secrets,
		EventID: delivery.EventID, Body: delivery.Body, Attempt: attempt, AllowHTTP: allowHTTP,
	})
}

func (d *Delivering) endpointOf(ctx context.Context, delivery store.Delivery) (store.Endpoint, error) {
	if delivery.EndpointID == "" {
		return d.Endpoints.DefaultEndpoint(ctx)
	}
	return d.Endpoints.Endpoint(ctx, delivery.EndpointID)
}

func (d *Delivering) giveUp(ctx context.Context, delivery store.Delivery, attempt int, result webhook.Result) error {
	if err := d.Deliveries.MarkDead(ctx, delivery.EventID, time.Now().UTC()); err != nil {
		return fmt.Errorf("mark %s dead: %w", delivery.EventID, err)
	}
	d.Log.Error().Str("call_id", string(delivery.CallID)).Int("attempt", attempt).Str("reason", result.Error).
		Msg("a delivery is dead: the CRM did not take it in any attempt of the schedule; replay it when the CRM is well")
	return temporal.NewNonRetryableApplicationError(
		fmt.Sprintf("dead after %d attempts, the last one: %s", attempt, result.Error), ErrTypeDead, nil)
}

// untilNext is the wait after an attempt, with 20 % of jitter either way so that a burst of calls does not come back as
// a burst of retries; false when the schedule is exhausted. The schedule's first entry is the wait before attempt 1.
func untilNext(schedule []time.Duration, attempt int) (time.Duration, bool) {
	if attempt >= len(schedule) {
		return 0, false
	}
	wait := schedule[attempt]
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64())), true
}

func attemptRow(delivery store.Delivery, endpoint store.Endpoint, n int, r webhook.Result, wait time.Duration, more bool) store.Attempt {
	a := store.Attempt{
		EventID: delivery.EventID, N: n, Trigger: store.TriggerAutomatic, StartedAt: r.StartedAt, URL: endpoint.URL, Status: r.Status,
		ErrorClass: string(r.Class), Error: r.Error, RemoteAddr: r.RemoteAddr,
		DNS: r.DNS, Connect: r.Connect, TLS: r.TLS, FirstByte: r.FirstByte, Total: r.Total,
		ResponseHeaders: r.ResponseHeaders, ResponseBody: r.ResponseBody, Truncated: r.Truncated,
	}
	if r.Class != "" && more {
		next := time.Now().UTC().Add(wait)
		a.NextAttemptAt = &next
	}
	return a
}
