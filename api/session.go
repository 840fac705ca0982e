package api

import (
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/click2call/click2call/api/media"
	"github.com/click2call/click2call/call"
)

const (
	// sessionLookTimeout is for one look into the room. A list takes 3 ms in a quiet LiveKit.
	sessionLookTimeout = time.Second
	// sessionLookAgain is when a look that found another session is taken again: LiveKit's list may lag behind, and a hang-up that is
	// not heard is worse than one that is heard half a second late.
	sessionLookAgain = 500 * time.Millisecond
	// maxBackSeconds is the longest that a page may take to come back; the call's own grace for an agent who is away begins there.
	maxBackSeconds = 20
)

// leaver is who asks for a call's end.
type leaver struct {
	session string        // of the page that sends it, "" when it does not say
	back    time.Duration // how long the page may take to come back; 0 when it wants the end now
}

// leaverOf reads {"session": "…", "back_within_seconds": 5} of a hang-up, whatever its content type says. Everything else, however broken
// or long, is a hang-up that wants the end now.
func leaverOf(w http.ResponseWriter, r *http.Request) leaver {
	body, err := readBody(w, r)
	if err != nil || len(body) == 0 {
		return leaver{}
	}
	var hangUp struct {
		Session string `json:"session"`
		Back    int    `json:"back_within_seconds"`
	}
	if json.Unmarshal(media.WithoutMark(body), &hangUp) != nil || hangUp.Session == "" || len(hangUp.Session) > maxText {
		return leaver{}
	}
	return leaver{session: hangUp.Session, back: time.Duration(min(max(hangUp.Back, 0), maxBackSeconds)) * time.Second}
}

// replaced reports whether the agent is in the room by another session than the one that asks for the end: a page that was loaded
// again, or a second tab. Two looks must agree. An agent who is not there has replaced nothing, since a page that closes leaves the room
// before its last words arrive; and while LiveKit says nothing, whoever wants to hang up does.
func (a *API) replaced(ctx context.Context, id call.ID, session string) bool {
	other, err := a.otherSession(ctx, id, session)
	if err != nil || other == "" {
		return false
	}
	select {
	case <-time.After(sessionLookAgain):
	case <-ctx.Done():
		return false
	}
	again, err := a.otherSession(ctx, id, session)
	return err == nil && again == other
}

// otherSession is the session by which the agent is in the room, "" when that is session itself, or nobody is there.
func (a *API) otherSession(ctx context.Context, id call.ID, session string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, sessionLookTimeout)
	defer cancel()
	room, err := a.LiveKit.Look(ctx, id)
	if err != nil || room.AgentSID == session {
		return "", err
	}
	return room.AgentSID, nil
}

// noteReplaced tells operators of a hang-up that ended nothing, seldom enough that a page that repeats it fills no timeline.
func (a *API) noteReplaced(ctx context.Context, id call.ID, now time.Time) {
	if _, ok := a.limits.kinds[oneCall+"/status"].take(string(id), now); ok {
		a.noteOnTimeline(ctx, id, call.Entry{At: now, Source: call.SourceBrowser, Name: "hangup_replaced"})
	}
}
