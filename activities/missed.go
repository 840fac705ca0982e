package activities

import (
	"sync"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// missed remembers when somebody was first missed in a room. While Temporal is away nobody can be told, and Temporal
// starts WatchRooms anew when it is back: what counts is still the moment that was seen. Its zero value is ready.
type missed struct {
	mu    sync.Mutex
	first map[seat]time.Time
}

type seat struct {
	call call.ID
	who  call.Participant
}

// Two more that can be missed, beside the participants.
const (
	nobody   call.Participant = "nobody"   // the room could not be looked into
	unhosted call.Participant = "unhosted" // no LiveKit server has the room
)

// since is when the participant was first missed: now, unless that was noted before.
func (m *missed) since(id call.ID, who call.Participant, now time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, noted := m.first[seat{id, who}]; noted {
		return at
	}
	if m.first == nil {
		m.first = map[seat]time.Time{}
	}
	m.first[seat{id, who}] = now
	return now
}

// back forgets that the participant was missed.
func (m *missed) back(id call.ID, who call.Participant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.first, seat{id, who})
}

// keep forgets all calls but these.
func (m *missed) keep(live []store.WatchedCall) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.first) == 0 {
		return
	}
	kept := make(map[seat]time.Time, len(m.first))
	for _, c := range live {
		for _, who := range []call.Participant{call.ParticipantAgent, call.ParticipantCustomer, nobody, unhosted} {
			if at, noted := m.first[seat{c.ID, who}]; noted {
				kept[seat{c.ID, who}] = at
			}
		}
	}
	m.first = kept
}
