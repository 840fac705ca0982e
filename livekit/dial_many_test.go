package livekit_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

// TestDialsRingAtTheSameTime: nobody answers before all phones ring, so a dial that waited for another to end would ring
// out here.
func TestDialsRingAtTheSameTime(t *testing.T) {
	t.Parallel()
	const phones = 300
	var ringing sync.WaitGroup
	ringing.Add(phones)
	answer := ok(&lk.SIPParticipantInfo{ParticipantId: "PA_7"})
	f := newFake(t).on("CreateSIPParticipant", func(w http.ResponseWriter, r *http.Request) {
		ringing.Done()
		all := make(chan struct{})
		go func() { ringing.Wait(); close(all) }()
		select {
		case <-all:
			answer(w, r)
		case <-r.Context().Done():
		}
	})
	client, states := f.client(), make(chan call.DialState, phones)
	for range phones {
		go func() {
			d, _ := client.Dial(t.Context(), dialRequest(5*time.Second)) // the state says it all
			states <- d.State
		}()
	}
	for range phones {
		require.Equal(t, call.DialAnswered, <-states)
	}
}
