package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/click2call/click2call/webhook"
)

// copied is an outcome as the server's stream has it.
type copied struct {
	EventID string `json:"event_id"`
	Type    string `json:"type"`
	CallID  string `json:"call_id"`
	Body    []byte `json:"body"` // base64
}

// forwarder posts copies to the developer's receiver, one after the other, and prints a line about each.
type forwarder struct {
	to                  string // empty: nowhere
	secret, outboundKey string
	print               bool
	out                 io.Writer
	sender              *webhook.Sender

	heard, taken int
}

func (f *forwarder) run(ctx context.Context, events <-chan copied) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-events:
			if err := f.one(ctx, e); err != nil {
				return err
			}
		}
	}
}

// one fails only when its line cannot be printed: a receiver that fails is what the developer wants to see.
func (f *forwarder) one(ctx context.Context, e copied) error {
	f.heard++
	line := fmt.Sprintf("%s  %s  %s", time.Now().Format(time.TimeOnly), e.Type, e.CallID)
	if f.to != "" {
		res := f.sender.Send(ctx, webhook.Request{
			URL: f.to, APIKey: f.outboundKey, Secrets: []string{f.secret}, EventID: e.EventID, Body: e.Body, Attempt: 1, AllowHTTP: true,
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line += "  " + told(res)
		if res.Class == "" {
			f.taken++
		}
	}
	if f.print {
		line += "\n" + string(e.Body)
	}
	if _, err := fmt.Fprintln(f.out, plain(line)); err != nil {
		return fmt.Errorf("print an outcome: %w", err)
	}
	return nil
}

// told is what came of a POST, in a few words.
func told(res webhook.Result) string {
	ms := res.Total.Milliseconds()
	switch {
	case res.Class == "":
		return fmt.Sprintf("%d  %d ms", res.Status, ms)
	case res.Status != 0:
		return fmt.Sprintf("%d  %d ms  not taken: the real delivery would be tried again", res.Status, ms)
	default:
		return fmt.Sprintf("%s  %d ms  %s", res.Class, ms, res.Error)
	}
}
