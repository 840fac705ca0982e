package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxReply bounds what the agent reads of an answer.
const maxReply = 1 << 20

// Response is the product's answer to /click2call, and all that the browser gets to know of the call.
type Response struct {
	CallID         string `json:"call_id"`
	Room           string `json:"room"`
	WSURL          string `json:"ws_url"`
	Token          string `json:"token"`
	CustomerNumber string `json:"customer_number"`
}

// StatusError is an answer other than 2xx.
type StatusError struct {
	Status int
	Code   string // of the problem document, "" when there was none
	Body   string

	RetryAfter time.Duration // what the answer asks to wait for, 0 when it does not
}

func (e *StatusError) Error() string {
	if e.Code != "" {
		return fmt.Sprintf("HTTP %d %s", e.Status, e.Code)
	}
	return fmt.Sprintf("HTTP %d %.200s", e.Status, e.Body)
}

// Place asks for a call, as the CRM's server does. Request is what to send as JSON.
func (a *Agent) Place(ctx context.Context, apiKey string, request any) (Response, error) {
	var r Response
	err := a.do(ctx, http.MethodPost, "/api/c2c/click2call", apiKey, request, &r)
	if err == nil {
		a.diary.note("placed", r.CallID)
	}
	return r, err
}

// Connect has the customer dialed.
func (a *Agent) Connect(ctx context.Context) error {
	return a.post(ctx, a.current().CallID, "connect", "", nil)
}

// PostStatus reports a status of the call.
func (a *Agent) PostStatus(ctx context.Context, status string) error {
	return a.postStatus(ctx, a.current().CallID, status)
}

// PostHangUp asks the product to end the call. The agent stays in the room.
func (a *Agent) PostHangUp(ctx context.Context) error {
	return a.postHangUp(ctx, a.current().CallID)
}

func (a *Agent) postStatus(ctx context.Context, callID, status string) error {
	return a.post(ctx, callID, "status", status, map[string]string{"status": status})
}

func (a *Agent) postHangUp(ctx context.Context, callID string) error {
	return a.post(ctx, callID, "hangup", "", nil)
}

// post notes the verb, with detail, when it was accepted.
func (a *Agent) post(ctx context.Context, callID, verb, detail string, body any) error {
	if err := a.do(ctx, http.MethodPost, path(callID, verb), "", body, nil); err != nil {
		return err
	}
	a.diary.note(verb, detail)
	return nil
}

// Token gets a fresh token for the call.
func (a *Agent) Token(ctx context.Context) (Response, error) {
	r := a.current()
	err := a.do(ctx, http.MethodPost, path(r.CallID, "token"), "", nil, &r)
	return r, err
}

// Record reads the call's record into out.
func (a *Agent) Record(ctx context.Context, out any) error {
	return a.do(ctx, http.MethodGet, path(a.current().CallID, ""), "", nil, out)
}

func path(callID, verb string) string {
	p := "/api/c2c/calls/" + url.PathEscape(callID)
	if verb != "" {
		p += "/" + verb
	}
	return p
}

func (a *Agent) do(ctx context.Context, method, path, apiKey string, in, out any) error {
	body := io.Reader(http.NoBody)
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if apiKey != "" { // asked for by Place alone
		req.Header.Set("X-api-key", apiKey)
		if a.IdempotencyKey != "" {
			req.Header.Set("Idempotency-Key", a.IdempotencyKey)
		}
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return err // names the method and the URL already
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %w", method, path, statusError(resp, reply))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(reply, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

func statusError(resp *http.Response, body []byte) *StatusError {
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(body, &problem)                         // not every error is a problem document
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // the product sends seconds
	return &StatusError{Status: resp.StatusCode, Code: problem.Code, Body: string(body), RetryAfter: time.Duration(seconds) * time.Second}
}
