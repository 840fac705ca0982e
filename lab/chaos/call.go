package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
)

const (
	placeWithin = 2 * time.Minute // after which a CRM takes a refusal for the answer
	actWithin   = 40 * time.Second
	again       = 500 * time.Millisecond
)

// madeCall is a call as its CRM and its agent saw it.
type madeCall struct {
	CallPlan
	agent    *agent.Agent
	id       string // "" when it was not accepted
	refused  string // why not
	accepted time.Time
}

// place asks for the call as a careful CRM does: with one Idempotency-Key, again for as long as the answer is not known, and not
// sooner than the answer asks for. It gives up after a refusal only: a request that got no answer may have made a call.
func (c *madeCall) place(ctx context.Context, apiKey string) {
	c.agent.IdempotencyKey = "chaos-" + c.DID
	request := map[string]string{
		"case_id": "case-" + c.DID, "customer_number": c.Number, "agent_id": c.Agent, "customer_crm_id": "crm-chaos", "did": c.DID,
	}
	for end := time.Now().Add(placeWithin); ; {
		r, err := c.agent.Place(ctx, apiKey, request)
		if err == nil {
			c.id, c.accepted = r.CallID, time.Now()
			c.agent.Adopt(r)
			return
		}
		c.refused = err.Error()
		wait := again
		var answer *agent.StatusError
		if errors.As(err, &answer) {
			refused := answer.Status/100 == 4 && answer.Status != 409 && answer.Status != 429
			underWay := answer.Status == 409 && answer.Code != "agent_busy" // an earlier request
			if refused || time.Now().After(end) && !underWay {
				return
			}
			wait = max(wait, answer.RetryAfter)
		}
		if !sleep(ctx, wait) {
			return
		}
	}
}

// live plays the call. An agent in chaos tries each thing for a while and then gives up, as people do: whatever he did not
// manage, the call must end all the same.
func (c *madeCall) live(ctx context.Context, carriers []trunkOf, patience time.Duration) {
	if c.Part == NeverConnects {
		return
	}
	if patience == 0 {
		patience = actWithin
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c.agent.HangUpOnDrop, c.agent.Silent = !c.Stays, c.Silent
	defer c.agent.Leave()
	response := c.agent.Call()
	if !persist(ctx, func() error { return c.agent.Enter(ctx, response) }) || !persist(ctx, func() error { return c.agent.Connect(ctx) }) {
		return
	}
	if !c.awaitLine(ctx, carriers) || !sleep(ctx, c.Acts) {
		return
	}
	switch c.Part {
	case AgentHangsUp, AgentCancels:
		persist(ctx, func() error { return c.agent.PostHangUp(ctx) })
	case TabCloses:
		_ = c.agent.CloseTab(ctx) // a beacon is sent once
	case AgentVanishes:
		c.agent.Vanish()
	default:
		_ = c.awaitAny(ctx, carriers, func(l carrier.Call) bool { return l.State == carrier.StateDown })
	}
}

// awaitLine waits until the customer's phone is as the agent's act needs it.
func (c *madeCall) awaitLine(ctx context.Context, carriers []trunkOf) bool {
	return c.awaitAny(ctx, carriers, func(l carrier.Call) bool {
		return l.State != carrier.StateRinging || c.Part == AgentCancels || c.Part == RingsOut
	})
}

// awaitAny waits until a line of the call at one of the carriers is as it should be. Where another carrier may be tried, one that was refused
// before it rang does not count.
func (c *madeCall) awaitAny(ctx context.Context, carriers []trunkOf, ok func(carrier.Call) bool) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := make(chan error, len(carriers))
	for _, t := range carriers {
		go func() {
			_, err := t.carrier.WaitFor(ctx, c.Number, func(l carrier.Call) bool {
				triesAnother := len(carriers) > 1 && l.State == carrier.StateDown && l.RingingAt.IsZero() && l.AnsweredAt.IsZero()
				return c.mine(l) && !triesAnother && ok(l)
			})
			found <- err
		}()
	}
	for range carriers {
		if <-found == nil {
			return true
		}
	}
	return false
}

func (c *madeCall) mine(l carrier.Call) bool {
	return strings.TrimPrefix(l.From, "+") == strings.TrimPrefix(c.DID, "+")
}

// persist tries until it is done, or time is up, or the product says for good that it will not.
func persist(ctx context.Context, do func() error) bool {
	for {
		err := do()
		if err == nil {
			return true
		}
		var answer *agent.StatusError
		if errors.As(err, &answer) && (answer.Status == 404 || answer.Status == 410) {
			return false
		}
		if !sleep(ctx, again) {
			return false
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *madeCall) String() string {
	return fmt.Sprintf("%s (%s, %s, at %s)", c.id, c.Part, c.Number, c.At.Round(100*time.Millisecond))
}
