package carrier_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

func TestEveryRefusal(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	tried := 0
	for _, s := range carrier.Scenarios() {
		want, err := strconv.Atoi(s.Code)
		require.NoError(t, err)
		if want < 300 || want > 699 { // what is odd has tests of its own
			continue
		}
		tried++
		number := carrier.Number(s.Code, 0, 0)
		res := p.refused(number)
		require.Equal(t, want, res.StatusCode)
		switch want {
		case 401:
			require.NotNil(t, res.GetHeader("WWW-Authenticate"))
		case 407:
			require.NotNil(t, res.GetHeader("Proxy-Authenticate"))
		case 301, 302:
			require.NotNil(t, res.Contact())
		case 420:
			require.NotNil(t, res.GetHeader("Unsupported"))
		}
		call := waitFor(t, c, number, func(c carrier.Call) bool { return down(c) && !c.AckedAt.IsZero() })
		require.Equal(t, want, call.FinalCode)
		require.Equal(t, carrier.WhyRefused, call.Why)
		require.Equal(t, 1, call.Invites)
		require.True(t, call.RingingAt.IsZero(), "00 seconds: no 180")
	}
	require.Greater(t, tried, 25)
	require.Empty(t, c.Lines())
}

func TestRefusalAfterRinging(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	number := carrier.Number("486", time.Second, 0)
	l, err := p.dial(t.Context(), number)
	require.Error(t, err)
	require.Equal(t, []int{180, 486}, l.replies)
	call := waitFor(t, c, number, down)
	require.InDelta(t, 1, call.DownAt.Sub(call.RingingAt).Seconds(), 0.5)
}

func TestAnswerBothWaysThenCallerHangsUp(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	const number = "00919530251797" // a prefix before an ordinary number
	l := p.mustDial(number)
	require.Equal(t, []int{180, 200}, l.replies)
	require.InDelta(t, 440, l.rtp.hertz(50), 5)

	l.rtp.hum(60)
	l.rtp.key(5)
	l.rtp.key(11)
	heard := waitFor(t, c, "9530251797", func(c carrier.Call) bool { return c.Media.RecentHz > 0 && len(c.Media.DTMF) == 2 })
	require.InDelta(t, 1000, heard.Media.RecentHz, 5)
	require.InDelta(t, 1000, heard.Media.PeakHz, 5)
	require.Greater(t, heard.Media.RecentRMS, 3000.0)
	require.Equal(t, "5#", heard.Media.DTMF)
	require.Zero(t, heard.Media.PacketsLost)
	require.InDelta(t, 1.5, heard.AnsweredAt.Sub(heard.InvitedAt).Seconds(), 0.5)
	require.Equal(t, number, heard.Number)
	require.Len(t, c.Lines(), 1)

	require.NoError(t, l.Bye(t.Context()))
	over := waitFor(t, c, number, down)
	require.Equal(t, carrier.Caller, over.ByeBy)
	require.Equal(t, carrier.WhyBye, over.Why)
	require.Equal(t, 200, over.FinalCode)
	require.Empty(t, c.Lines())
	ended := waitFor(t, c, number, func(c carrier.Call) bool { return c.Media.PacketsReceived == 60 })
	require.Greater(t, ended.Media.PacketsSent, 49)
}

func TestCarrierHangsUp(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	for _, tt := range []struct {
		name   string
		number string
		talk   time.Duration
		slack  time.Duration
	}{
		{"after a second", carrier.Number("200", 0, time.Second), time.Second, 500 * time.Millisecond},
		{"at once", carrier.Number("299", 0, 0), 50 * time.Millisecond, 400 * time.Millisecond},
	} {
		l := p.mustDial(tt.number)
		require.Equal(t, l.InviteRequest.CallID().Value(), p.awaitBye(), tt.name)
		call := waitFor(t, c, tt.number, down)
		require.Equal(t, carrier.Callee, call.ByeBy)
		require.InDelta(t, tt.talk.Seconds(), call.ByeAt.Sub(call.AckedAt).Seconds(), tt.slack.Seconds(), tt.name)
	}
}

func TestCallerCancels(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"180", "100", "183", "486"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c := start(t, carrier.Config{})
			p := newPhone(t, c)
			number := carrier.Number(code, 30*time.Second, 0)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				defer cancel()
				_, _ = c.WaitFor(ctx, number, func(c carrier.Call) bool { return c.State == carrier.StateRinging })
			}()
			_, err := p.dial(ctx, number)
			require.ErrorIs(t, err, context.Canceled)
			call := waitFor(t, c, number, down)
			require.Equal(t, carrier.WhyCancelled, call.Why)
			require.Equal(t, 487, call.FinalCode)
			require.False(t, call.CancelledAt.IsZero())
			require.True(t, call.AnsweredAt.IsZero())
		})
	}
}

func TestEarlyMedia(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	l := p.mustDial(carrier.Number("183", time.Second, time.Second))
	require.Equal(t, []int{183, 200}, l.replies)
	require.Equal(t, mediaAddr(t, l.early), l.rtp.far, "the early session goes on")
	require.InDelta(t, 440, l.rtp.hertz(60), 5, "more than a second of tone: it began before the answer")
	p.awaitBye()
}

func TestMuteSendsNothing(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	number := carrier.Number("201", 0, 0)
	l := p.mustDial(number)
	require.True(t, l.rtp.silent(300*time.Millisecond))
	l.rtp.hum(30)
	call := waitFor(t, c, number, func(c carrier.Call) bool { return c.Media.RecentHz > 0 })
	require.Zero(t, call.Media.PacketsSent)
}

func TestFadeOutKeepsTheLine(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	number := carrier.Number("202", 0, 3*time.Second)
	l := p.mustDial(number)
	require.InDelta(t, 440, l.rtp.hertz(48), 5)
	require.Eventually(t, func() bool { return l.rtp.silent(200 * time.Millisecond) }, patience, time.Millisecond)
	call := waitFor(t, c, number, up)
	require.InDelta(t, 150, call.Media.PacketsSent, 20)
	require.NoError(t, l.Bye(t.Context()))
}

func TestLineOfAVanishedCallerIsFreed(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{MediaTimeout: time.Second})
	p := newPhone(t, c)
	number := carrier.Number("200", 0, 0)
	p.mustDial(number)
	p.awaitBye()
	require.Equal(t, carrier.WhyMediaTimeout, waitFor(t, c, number, down).Why)
}

func TestHangUpByHand(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	ringing, talking := carrier.Number("180", 0, 0), carrier.Number("200", 0, 0)
	p.mustDial(talking)
	var wg sync.WaitGroup
	wg.Go(func() {
		call := waitFor(t, c, ringing, func(carrier.Call) bool { return true })
		for c.HangUp(call.ID) != nil { // the books know an INVITE an instant before its line is there
		}
	})
	require.Equal(t, 480, p.refused(ringing).StatusCode)
	wg.Wait()
	call := waitFor(t, c, talking, up)
	require.NoError(t, c.HangUp(call.ID))
	require.Equal(t, call.ID, p.awaitBye())
	require.Equal(t, carrier.Callee, waitFor(t, c, talking, down).ByeBy)
	require.ErrorIs(t, c.HangUp("no such call"), carrier.ErrNoLine)
}

func TestTwoHundredCallsAtOnce(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	const calls = 200
	number := carrier.Number("200", 0, 0)
	failed := make(chan error, calls)
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() {
			if _, err := p.dial(t.Context(), number); err != nil {
				failed <- err
			}
		})
	}
	wg.Wait()
	require.Empty(t, failed)
	require.Equal(t, calls, c.Number(number).Up)
	require.Equal(t, calls, c.Number(number).Invites)
	require.Equal(t, calls, c.HangUpAll())
	for range calls {
		p.awaitBye()
	}
	require.Empty(t, c.Lines())
}

func TestFullCarrierAnswers503(t *testing.T) {
	t.Parallel()
	port := evenPort(t)
	c := start(t, carrier.Config{RTPPortMin: port, RTPPortMax: port + 1}) // one even port: one call
	p := newPhone(t, c)
	first := p.mustDial(carrier.Number("200", 0, 0))
	require.Equal(t, 503, p.refused("9530251797").StatusCode)
	require.NoError(t, first.Bye(t.Context()))
}

// evenPort returns an even UDP port that was free a moment ago.
func evenPort(t *testing.T) int {
	t.Helper()
	for {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		require.NoError(t, err)
		port := conn.LocalAddr().(*net.UDPAddr).Port
		require.NoError(t, conn.Close())
		if port%2 == 0 {
			return port
		}
	}
}

func TestCloseHangsUpAndFreesTheAddress(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	p := newPhone(t, c)
	p.mustDial(carrier.Number("200", 0, 0))
	at := c.SIPAddr()

	second := carrier.New(carrier.Config{SIPAddr: at, HTTPAddr: "127.0.0.1:0"})
	require.ErrorContains(t, second.Start(t.Context()), "stop what holds it")

	require.NoError(t, c.Close())
	p.awaitBye()
	require.Empty(t, c.Lines())
	require.NoError(t, c.Close(), "closing twice is closing once")
	third := carrier.New(carrier.Config{SIPAddr: at, HTTPAddr: "127.0.0.1:0"})
	require.NoError(t, third.Start(t.Context()))
	require.NoError(t, third.Close())
}

func TestBooksForgetTheOldest(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{MaxCalls: 3})
	p := newPhone(t, c)
	codes := []string{"486", "404", "486", "503", "603"}
	for _, code := range codes {
		p.refused(carrier.Number(code, 0, 0))
	}
	kept := c.Calls()
	require.Len(t, kept, 3)
	for i, call := range kept {
		require.Equal(t, "refuse-"+codes[i+2], call.Scenario)
	}
	require.Equal(t, 1, c.Number(carrier.Number("486", 0, 0)).Calls)
	require.Zero(t, c.Number(carrier.Number("404", 0, 0)).Calls)
}
