package livekit

import (
	"context"
	"time"

	"github.com/twitchtv/twirp"
)

// Observer is told of every request to LiveKit once it is answered. It must be quick and safe for concurrent use.
type Observer interface {
	// LiveKitRequest took so long; a dial's time holds the ringing. method is LiveKit's name of it, such as "ListRooms"; code is
	// "ok" or one of Twirp's error codes.
	LiveKitRequest(method, code string, took time.Duration)
}

// Option changes how a Client works.
type Option func(*Client)

// WithObserver has every request measured.
func WithObserver(o Observer) Option { return func(c *Client) { c.observer = o } }

// observe is an interceptor for Twirp's clients: it counts and measures.
func (c *Client) observe(next twirp.Method) twirp.Method {
	return func(ctx context.Context, request any) (any, error) {
		count(ctx)
		if c.observer == nil {
			return next(ctx, request)
		}
		started := time.Now()
		reply, err := next(ctx, request)
		method, _ := twirp.MethodName(ctx)
		c.observer.LiveKitRequest(method, codeOf(err), time.Since(started))
		return reply, err
	}
}

// codeOf is one of a few words: whatever LiveKit, or a proxy before it, answers.
func codeOf(err error) string {
	if err == nil {
		return "ok"
	}
	known := code(err)
	if !twirp.IsValidErrorCode(known) {
		known = twirp.Unknown
	}
	return string(known)
}
