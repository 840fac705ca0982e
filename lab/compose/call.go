package compose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
)

const (
	callWithin = 3 * time.Minute // from a call's beginning to its webhook, whatever is broken meanwhile
	toneHz     = 440
	hzApart    = 8
	prefix     = "91"
	did        = "+919999999999"
)

// outcome is what the webhook says.
type outcome struct {
	CallStatus string `json:"call_status"`
	Reason     string `json:"disconnect_reason"`
	Duration   int    `json:"duration_seconds"`
}

func (o outcome) String() string { return o.CallStatus + "/" + o.Reason }

// liveCall is one that is up.
type liveCall struct{ agent *agent.Agent }

// dial places a call through Caddy and returns when the customer has answered. The customer hangs up after talk.
func (s *site) dial(ctx context.Context, talk time.Duration) (*liveCall, error) {
	s.calls++
	number := carrier.Number("200", time.Second, talk)
	key, err := s.in.value("CRM_INBOUND_API_KEY")
	if err != nil {
		return nil, err
	}
	c := &liveCall{agent: agent.New("https://" + publicHost)}
	placed, err := c.agent.Place(ctx, key, map[string]string{"case_id": fmt.Sprintf("case-%d", s.calls), "customer_number": number, "agent_id": "asha"})
	if err != nil {
		return nil, fmt.Errorf("place a call: %w", err)
	}
	if err := c.agent.Join(ctx, placed); err != nil {
		return nil, fmt.Errorf("join and connect %s: %w", placed.CallID, err)
	}
	waiting, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	go func() { // an outcome instead of an answer
		if got, err := s.crm.WaitFor(waiting, placed.CallID); err == nil {
			giveUp(fmt.Errorf("the call was over before it was answered: %s", got.Body))
		}
	}()
	if _, err := c.agent.Await(waiting, "customer_active"); err != nil {
		return nil, fmt.Errorf("wait for the answer of %s: %w", placed.CallID, context.Cause(waiting))
	}
	return c, nil
}

// ended waits for the call's webhook and wants it to be one: the same event however often it was posted, verified.
func (s *site) ended(ctx context.Context, c *liveCall) (outcome, error) {
	defer c.agent.Leave()
	return s.outcome(ctx, c.agent.Call().CallID)
}

func (s *site) outcome(ctx context.Context, id string) (outcome, error) {
	got, err := s.crm.WaitFor(ctx, id)
	if err != nil {
		return outcome{}, fmt.Errorf("wait for the webhook of %s: %w", id, err)
	}
	var o outcome
	if err := json.Unmarshal(got.Body, &o); err != nil {
		return o, fmt.Errorf("read the webhook of %s: %w", id, err)
	}
	for _, r := range s.crm.ForCall(id) {
		if r.ID != got.ID || string(r.Body) != string(got.Body) {
			return o, fmt.Errorf("the CRM received two outcomes of %s: %s and %s", id, got.Body, r.Body)
		}
	}
	return o, nil
}

// during makes a call, does something to the installation while it is up, and returns the outcome. Whatever is done, the carrier
// is to have seen one INVITE.
func (s *site) during(ctx context.Context, talk time.Duration, do func(context.Context) error) (outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, callWithin+talk, errors.New("the call did not come to its end"))
	defer cancel()
	invites := s.invites()
	c, err := s.dial(ctx, talk)
	if err != nil {
		return outcome{}, err
	}
	if err := do(ctx); err != nil {
		c.agent.Leave()
		return outcome{}, err
	}
	o, err := s.ended(ctx, c)
	if err != nil {
		return o, err
	}
	if n := s.invites() - invites; n != 1 {
		return o, fmt.Errorf("the carrier received %d INVITEs instead of one", n)
	}
	return o, nil
}

// invites is how many calls the carrier has had.
func (s *site) invites() int { return len(s.carrier.Calls()) }

var normal = outcome{CallStatus: "ANSWERED", Reason: "customer_hangup"}

// normally is a call that goes as it should, sound both ways.
func (s *site) normally(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, callWithin, errors.New("the call did not come to its end"))
	defer cancel()
	c, err := s.dial(ctx, 4*time.Second)
	if err != nil {
		return err
	}
	var heard agent.Heard
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if heard = c.agent.Heard(); math.Abs(heard.Hz-toneHz) <= hzApart {
			break
		}
	}
	o, err := s.ended(ctx, c)
	if err != nil {
		return err
	}
	if o.CallStatus != normal.CallStatus || o.Reason != normal.Reason {
		return fmt.Errorf("the outcome is %s", o)
	}
	if math.Abs(heard.Hz-toneHz) > hzApart {
		return fmt.Errorf("the agent heard %.0f Hz instead of the customer's %d Hz", heard.Hz, toneHz)
	}
	calls := s.carrier.Calls()
	if m := calls[len(calls)-1].Media; math.Abs(m.PeakHz-agent.HumHz) > hzApart {
		return fmt.Errorf("the customer heard %.0f Hz instead of the agent's %d Hz", m.PeakHz, agent.HumHz)
	}
	return nil
}

// inBrowser is a call from Chromium, which trusts Caddy's authority and nothing else that the system does not.
func (s *site) inBrowser(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, callWithin, errors.New("the browser's call did not come to its end"))
	defer cancel()
	home := filepath.Join(s.dir, "browser")
	database := filepath.Join(home, ".pki", "nssdb")
	if err := errors.Join(os.RemoveAll(home), os.MkdirAll(database, 0o700)); err != nil {
		return fmt.Errorf("prepare the browser: %w", err)
	}
	for _, args := range [][]string{
		{"-d", "sql:" + database, "-N", "--empty-password"},
		{"-d", "sql:" + database, "-A", "-t", "C,,", "-n", "lab", "-i", filepath.Join(s.dir, "authority", "root.crt")},
	} {
		if err := quiet(ctx, "certutil", args...); err != nil {
			return fmt.Errorf("prepare the browser: %w", err)
		}
	}
	key, err := s.in.value("CRM_INBOUND_API_KEY")
	if err != nil {
		return err
	}
	placed, err := agent.New("https://"+publicHost).Place(ctx, key, map[string]string{
		"case_id": "browser", "customer_number": carrier.Number("200", time.Second, 6*time.Second), "agent_id": "meera",
	})
	if err != nil {
		return fmt.Errorf("place a call: %w", err)
	}
	call, err := json.Marshal(placed)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "node", "scripts/compose-call.mjs")
	cmd.Dir = filepath.Join(s.root, "ui")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "CALL=" + string(call), "CLICK2CALL_URL=https://" + publicHost}
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return fmt.Errorf("call in the browser: %w\n%s", err, exit.Stderr[max(0, len(exit.Stderr)-outputShown):])
		}
		return fmt.Errorf("call in the browser: %w", err)
	}
	var saw struct {
		Hz               float64
		Issuer, Protocol string
	}
	if err := json.Unmarshal(out, &saw); err != nil {
		return fmt.Errorf("call in the browser: %w", err)
	}
	if math.Abs(saw.Hz-toneHz) > 3*hzApart { // the FFT's bins are coarser here
		return fmt.Errorf("the browser heard %.0f Hz instead of %d Hz", saw.Hz, toneHz)
	}
	o, err := s.outcome(ctx, placed.CallID)
	if err == nil && (o.CallStatus != normal.CallStatus || o.Reason != normal.Reason) {
		err = fmt.Errorf("the outcome is %s", o)
	}
	return err
}
