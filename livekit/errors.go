package livekit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/livekit/protocol/utils/xtwirp"
	"github.com/twitchtv/twirp"
	"google.golang.org/grpc/status"
)

// What a failed request means for the caller.
var (
	// ErrUnavailable: LiveKit, or the way to it, is down or overloaded. The same request may work later.
	ErrUnavailable = errors.New("LiveKit is unavailable")
	// ErrThrottled is an ErrUnavailable: LiveKit is asked too often, or has no capacity left.
	ErrThrottled = fmt.Errorf("%w: it refuses for now", ErrUnavailable)
	// ErrUnauthorized: LiveKit does not accept our key or secret. Only an operator can help.
	ErrUnauthorized = errors.New("LiveKit refused the API key or secret")
	// ErrRefused: LiveKit understood the request and said no. The same request will fail again.
	ErrRefused = errors.New("LiveKit refused the request")
)

// fail words the error of an operation. LiveKit's 401 bodies repeat our token, so error metadata never gets in.
func fail(operation string, err error) error {
	if cause := localCause(err); cause != nil {
		return fmt.Errorf("%s: %w: %w", operation, ErrUnavailable, cause)
	}
	return fmt.Errorf("%s: %w: %s", operation, kind(err), message(err))
}

// localCause returns what went wrong on our side of the connection, nil when err is LiveKit's reply. Twirp's client wraps
// its own failures and never those that it reads from a reply.
func localCause(err error) error {
	var te twirp.Error
	if !errors.As(err, &te) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return nil
	}
	w, ok := te.(interface{ Unwrap() error })
	if !ok {
		return nil
	}
	cause := w.Unwrap()
	var ue *url.Error // repeats the URL of the request
	if errors.As(cause, &ue) {
		return ue.Err
	}
	return cause
}

func kind(err error) error {
	switch code(err) {
	case twirp.Unauthenticated, twirp.PermissionDenied:
		return ErrUnauthorized
	case twirp.Unavailable, twirp.Internal, twirp.Unknown, twirp.DeadlineExceeded, twirp.Canceled,
		twirp.BadRoute, twirp.DataLoss:
		return ErrUnavailable
	case twirp.ResourceExhausted:
		return ErrThrottled
	default:
		return ErrRefused
	}
}

// code returns the code of LiveKit's reply. Replies with details come as gRPC status errors: see
// xtwirp.ClientPassErrorDetails.
func code(err error) twirp.ErrorCode {
	var te twirp.Error
	if errors.As(err, &te) {
		return te.Code()
	}
	if st, ok := status.FromError(err); ok {
		return xtwirp.ErrorCodeFromGRPC(st.Code())
	}
	return twirp.Unknown
}

// message is LiveKit's text without metadata, and without the prefix that LiveKit's own error conversion puts before what
// another of its services said.
func message(err error) string {
	text := err.Error()
	var te twirp.Error
	if errors.As(err, &te) {
		text = te.Msg()
	} else if st, ok := status.FromError(err); ok {
		text = st.Message()
	}
	return strings.TrimPrefix(text, "twirp error unknown: ")
}

// fromIntermediary returns the HTTP status of a reply that is not in Twirp's form: LiveKit's own 401, or whatever a proxy
// in between said. Zero when the reply is LiveKit's.
func fromIntermediary(err error) (httpStatus, body string) {
	var te twirp.Error
	if !errors.As(err, &te) || te.Meta("http_error_from_intermediary") != "true" {
		return "", ""
	}
	return te.Meta("status_code"), strings.ToLower(te.Meta("body"))
}
