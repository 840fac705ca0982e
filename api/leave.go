package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// maxLeaves bounds the pages that are waited for.
const maxLeaves = 10_000

// leaveUnseen is how much longer than it promised a page is waited for while LiveKit does not say who is in the room. Then the call's own
// grace for an agent who is away decides.
const leaveUnseen = 15 * time.Second

// leave begins to wait for a page that goes away and may come back: a browser does not tell a page that is loaded again from one that is
// closed. The wait is this process's own. Should it die, the call ends by its own grace, as if the page had said nothing.
func (a *API) leave(ctx context.Context, id call.ID, by leaver, asked time.Time) (oapi.HungUpStatus, error) {
	c, err := a.find(ctx, id)
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Code == problem.CallNotFound {
		return "", err
	}
	if err == nil && c.Status == call.StatusEnded {
		return oapi.HungUpStatusEnded, nil
	}
	if a.leaves.add(id, leaving{session: by.session, asked: asked, until: time.Now().Add(by.back)}) {
		go a.awaitReturn(context.WithoutCancel(ctx), id)
	}
	return oapi.HungUpStatusLeaving, nil
}

// awaitReturn hangs up for the page that left last, unless the agent is seen in the room by another session before its time is over.
func (a *API) awaitReturn(ctx context.Context, id call.ID) {
	ticker := time.NewTicker(sessionLookAgain)
	defer ticker.Stop()
	for now := range ticker.C {
		page := a.leaves.of(id)
		other, err := a.otherSession(ctx, id, page.session)
		late := now.After(page.until)
		switch {
		case err == nil && other != "", err != nil && now.After(page.until.Add(leaveUnseen)):
			if a.leaves.end(id, page) {
				return
			}
		case err == nil && late && a.leaves.end(id, page):
			a.hangUpFor(ctx, id, page.asked)
			return
		}
	}
}

func (a *API) hangUpFor(ctx context.Context, id call.ID, asked time.Time) {
	hangUp := func(ctx context.Context) error { return a.Workflows.HangUp(ctx, id, call.SourceBrowser, asked) }
	if err := within(ctx, signalTimeout, hangUp); err != nil && !errors.Is(err, workflows.ErrOver) {
		a.keepSending(ctx, id, "hangup", hangUp)
	}
}

// leaving is a page that went away.
type leaving struct {
	session string
	asked   time.Time
	until   time.Time // when it is gone for good
}

// leaves are the pages that may come back: the latest of each call. It is safe for concurrent use.
type leaves struct {
	mu    sync.Mutex
	pages map[call.ID]leaving
}

// add notes a page, and reports whether somebody must begin to wait for it. Beyond maxLeaves nothing is noted.
func (l *leaves) add(id call.ID, page leaving) (first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, waiting := l.pages[id]
	if !waiting && len(l.pages) >= maxLeaves {
		return false
	}
	l.pages[id] = page
	return !waiting
}

func (l *leaves) of(id call.ID) leaving {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pages[id]
}

// end forgets a page, and reports false when a later one left meanwhile.
func (l *leaves) end(id call.ID, page leaving) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages[id] != page {
		return false
	}
	delete(l.pages, id)
	return true
}
