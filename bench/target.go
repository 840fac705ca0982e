package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/click2call/click2call/lab/agent"
)

const (
	requestIn = 30 * time.Second
	maxReply  = 1 << 20
	// agentNumber answers after a second and a half and talks until somebody hangs up.
	agentNumber = "9530251797"
)

// target is a CRM's side of an installation.
type target struct {
	base, apiKey string
	http         *http.Client
	rooms        *lksdk.RoomServiceClient // to tidy up after calls that nobody can hang up
}

func (b *bench) newTarget(base, liveKit string) target {
	return target{
		base: base, apiKey: b.w.Secrets.InboundKey,
		rooms: lksdk.NewRoomServiceClient(liveKit, b.w.Secrets.LiveKitKey, b.w.Secrets.LiveKitSecret),
		http:  &http.Client{Timeout: requestIn, Transport: &http.Transport{MaxIdleConnsPerHost: 200}},
	}
}

// place asks for a call.
func (t target) place(ctx context.Context, number, did string) (r agent.Response, err error) {
	request := map[string]string{"case_id": "bench", "customer_number": number, "agent_id": "agent-bench", "customer_crm_id": "crm-bench"}
	if did != "" {
		request["did"] = did
	}
	return r, t.do(ctx, http.MethodPost, "/click2call", request, &r)
}

func (t target) connect(ctx context.Context, id string) error {
	return t.do(ctx, http.MethodPost, "/calls/"+id+"/connect", nil, nil)
}

func (t target) hangUp(ctx context.Context, id string) error {
	return t.do(ctx, http.MethodPost, "/calls/"+id+"/hangup", nil, nil)
}

// record is what the benchmark reads of a call.
type record struct {
	Status     string     `json:"status"`
	AnsweredAt *time.Time `json:"answered_at"`
}

func (t target) record(ctx context.Context, id string) (r record, err error) {
	return r, t.do(ctx, http.MethodGet, "/calls/"+id, nil, &r)
}

func (t target) do(ctx context.Context, method, path string, in, out any) error {
	body := io.Reader(http.NoBody)
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.base+"/api/c2c"+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", t.apiKey)
	resp, err := t.http.Do(req)
	if err != nil {
		return err // names the method and the URL already
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: HTTP %d %.200s", method, path, resp.StatusCode, reply)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(reply, out)
}

// end ends a call that nobody joined. The baseline has no /hangup: its room goes, and its goroutine gives up in time.
func (i *installation) end(ctx context.Context, r agent.Response) error {
	if !i.baseline {
		return i.hangUp(ctx, r.CallID)
	}
	_, err := i.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: r.Room})
	return err
}
