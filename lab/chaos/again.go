package chaos

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/world"
)

const (
	againWithin  = 30 * time.Second
	closesWithin = 20 * time.Second
)

// tryAgain makes calls when everything is whole again and all calls are over: no agent may be kept by one of them, and a trunk whose breaker is
// open must be believed again when a call through it is answered.
func tryAgain(ctx context.Context, w *world.World, o *world.Operator, carriers []trunkOf, plan Plan, b *Books) error {
	var mu sync.Mutex
	var asking sync.WaitGroup
	turns, asked := make(chan struct{}, 4), map[string]bool{}
	for _, c := range plan.Calls {
		if asked[c.Agent] {
			continue
		}
		asked[c.Agent] = true
		asking.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if !placeAndGiveUp(ctx, w, c.Agent) {
				mu.Lock()
				defer mu.Unlock()
				b.Busy = append(b.Busy, c.Agent)
			}
		})
	}
	asking.Wait()
	if plan.Trunks < 2 {
		return nil
	}
	for _, t := range carriers {
		open, err := isOpen(ctx, o, t)
		if err == nil && open {
			open, err = closes(ctx, w, o, t)
		}
		if err != nil {
			return err
		}
		if open {
			b.Open = append(b.Open, t.name)
		}
	}
	return nil
}

// placeAndGiveUp reports whether an agent gets a call, and ends it.
func placeAndGiveUp(ctx context.Context, w *world.World, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, againWithin)
	defer cancel()
	a := agent.New(w.ProductURL())
	return persist(ctx, func() error {
		r, err := a.Place(ctx, w.Secrets.InboundKey, map[string]string{"case_id": "again", "customer_number": carrier.Number("200", 0, 0), "agent_id": name})
		if err != nil {
			return err
		}
		a.Adopt(r)
		return a.PostHangUp(ctx)
	})
}

func isOpen(ctx context.Context, o *world.Operator, t trunkOf) (bool, error) {
	var list struct {
		Open []struct {
			Trunk string `json:"trunk_id"`
		} `json:"open_breakers"`
	}
	if err := o.Do(ctx, http.MethodGet, "/trunks", nil, &list); err != nil {
		return false, err
	}
	for _, b := range list.Open {
		if b.Trunk == t.id {
			return true, nil
		}
	}
	return false, nil
}

// closes makes a call through a trunk that is answered, and reports whether its breaker is open after that.
func closes(ctx context.Context, w *world.World, o *world.Operator, t trunkOf) (open bool, err error) {
	var made struct {
		ID    string `json:"call_id"`
		WSURL string `json:"ws_url"`
		Token string `json:"token"`
	}
	request := map[string]any{"customer_number": carrier.Number("200", 0, time.Second), "trunk_id": t.id}
	if err := o.Do(ctx, http.MethodPost, "/test-calls", request, &made); err != nil {
		return false, err
	}
	a := agent.New(w.ProductURL())
	if err := a.Join(ctx, agent.Response{CallID: made.ID, WSURL: made.WSURL, Token: made.Token}); err != nil {
		return false, err
	}
	defer a.Leave()
	for end := time.Now().Add(closesWithin); time.Now().Before(end); {
		if open, err = isOpen(ctx, o, t); err != nil || !open {
			return open, err
		}
		sleep(ctx, lookEvery)
	}
	return true, nil
}
