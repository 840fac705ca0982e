package carrier_test

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// wire speaks SIP letter by letter, for what a proper phone never does.
type wire struct {
	t      *testing.T
	conn   net.Conn
	id     string
	number string
	tag    string // the carrier's
	parser *sip.Parser
}

func newWire(t *testing.T, c *carrier.Carrier, number string) *wire {
	t.Helper()
	conn, err := net.Dial("udp", c.SIPAddr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &wire{t: t, conn: conn, id: strings.ReplaceAll(t.Name(), "/", "-"), number: number, parser: sip.NewParser()}
}

func (w *wire) send(method, branch string, cseq int, body string) {
	w.t.Helper()
	at, to := w.conn.LocalAddr(), ""
	if w.tag != "" {
		to = ";tag=" + w.tag
	}
	_, err := fmt.Fprintf(w.conn, "%s sip:%s@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:9999999999@%s>;tag=us\r\nTo: <sip:%s@%s>%s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:us@%s>\r\n"+
		"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		method, w.number, w.conn.RemoteAddr(), at, branch, at, w.number, w.conn.RemoteAddr(), to, w.id, cseq,
		strings.Fields(method)[0], at, len(body), body)
	require.NoError(w.t, err)
}

func (w *wire) invite(branch string) {
	w.t.Helper()
	w.send("INVITE", branch, 1, string(newEar(w.t).offer()))
}

// next returns the next reply as "code method".
func (w *wire) next() string {
	w.t.Helper()
	require.NoError(w.t, w.conn.SetReadDeadline(time.Now().Add(patience)))
	buf := make([]byte, 4096)
	n, err := w.conn.Read(buf)
	require.NoError(w.t, err)
	msg, err := w.parser.ParseSIP(buf[:n])
	require.NoError(w.t, err)
	res, ok := msg.(*sip.Response)
	if !ok {
		return strings.Fields(string(buf[:n]))[0]
	}
	if tag, ok := res.To().Params.Get("tag"); ok {
		w.tag = tag
	}
	return fmt.Sprintf("%d %s", res.StatusCode, res.CSeq().MethodName)
}

func (w *wire) silent(d time.Duration) bool {
	w.t.Helper()
	require.NoError(w.t, w.conn.SetReadDeadline(time.Now().Add(d)))
	_, err := w.conn.Read(make([]byte, 4096))
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestRetransmittedInviteIsOneCall(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("180", 0, 0))
	for range 3 {
		w.invite("same")
	}
	call := waitFor(t, c, w.number, func(c carrier.Call) bool { return c.Retransmissions == 2 })
	require.Equal(t, 1, call.Invites)
	book := c.Number(w.number)
	require.Equal(t, 1, book.Calls)
	require.Equal(t, 1, book.Invites)
	require.Equal(t, 2, book.Retransmissions)
	require.Equal(t, "180 INVITE", w.next())
}

func TestSecondInviteOfACallIsCounted(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("401", 0, 0))
	w.invite("first")
	require.Equal(t, "401 INVITE", w.next())
	w.send("ACK", "first", 1, "")
	waitFor(t, c, w.number, func(c carrier.Call) bool { return !c.AckedAt.IsZero() })

	w.tag = ""
	w.send("INVITE", "second", 2, string(newEar(t).offer()))
	require.Equal(t, "401 INVITE", w.next())
	w.send("ACK", "second", 2, "")
	require.Equal(t, 2, c.Number(w.number).Invites)
	require.Equal(t, 1, c.Number(w.number).Calls)
}

func TestSwallowedInviteGetsNoReply(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("000", 0, 0))
	w.invite("a")
	w.invite("a")
	call := waitFor(t, c, w.number, func(c carrier.Call) bool { return c.Retransmissions == 1 })
	require.Equal(t, carrier.WhySwallowed, call.Why)
	require.Zero(t, call.FinalCode)
	require.Empty(t, c.Lines())
	require.True(t, w.silent(700*time.Millisecond), "a transaction says 100 by itself after 200 ms")
}

func TestCancelThatCrossesTheAnswer(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("287", 0, 0))
	w.invite("a")
	require.Equal(t, "180 INVITE", w.next())
	tag := w.tag
	w.tag = ""
	w.send("CANCEL", "a", 1, "")
	require.Equal(t, "200 INVITE", w.next(), "the answer leaves first")
	require.Equal(t, "200 CANCEL", w.next())
	w.tag = tag
	w.send("ACK", "b", 1, "")
	call := waitFor(t, c, w.number, up)
	require.False(t, call.CancelledAt.IsZero())
	require.Len(t, c.Lines(), 1)
	w.send("BYE", "c", 2, "")
	require.Equal(t, "200 BYE", w.next())
	call = waitFor(t, c, w.number, down)
	require.Equal(t, carrier.Caller, call.ByeBy)
	require.Equal(t, 200, call.FinalCode)
}

// A caller that gives up at once sends CANCEL before any reply. SIP handles requests side by side; this one must not overtake its INVITE.
func TestCancelRightBehindItsInvite(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	number := carrier.Number("180", 0, 0)
	for i := range 50 {
		w := newWire(t, c, number)
		w.id += strconv.Itoa(i)
		w.invite("a")
		w.send("CANCEL", "a", 1, "")
		require.Eventually(t, func() bool { return c.Number(number).Calls == i+1 && len(c.Lines()) == 0 }, patience, time.Millisecond)
	}
	for _, call := range c.Number(number).List {
		require.Equal(t, carrier.WhyCancelled, call.Why, call.ID)
	}
}

func TestAnswerIsRepeatedUntilTheAck(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("200", 0, 0))
	w.invite("a")
	for range 3 {
		require.Equal(t, "200 INVITE", w.next())
	}
	require.True(t, waitFor(t, c, w.number, func(carrier.Call) bool { return true }).AckedAt.IsZero())
	w.send("ACK", "b", 1, "")
	waitFor(t, c, w.number, up)
}

func TestRequestsOutsideACall(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("200", 0, 0))
	w.send("OPTIONS", "a", 1, "")
	require.Equal(t, "200 OPTIONS", w.next())
	w.send("CANCEL", "b", 1, "")
	require.Equal(t, "481 CANCEL", w.next())
	w.send("BYE", "c", 1, "")
	require.Equal(t, "481 BYE", w.next())
	w.send("INVITE", "d", 1, "")
	w.tag = "" // that one has no SDP and carried the tag of the reply before
	require.Equal(t, "481 INVITE", w.next())
}

func TestInviteThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"without SDP":   "",
		"without PCMU":  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 9\r\n",
		"no SDP at all": "hello",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, carrier.Config{})
			w := newWire(t, c, "9530251797")
			w.send("INVITE", "a", 1, body)
			require.Equal(t, "488 INVITE", w.next())
			w.send("ACK", "a", 1, "")
			require.Equal(t, 488, waitFor(t, c, w.number, down).FinalCode)
		})
	}
}

func TestSessionIsNotChangedInTheCall(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("200", 0, 0))
	w.invite("a")
	require.Equal(t, "200 INVITE", w.next())
	w.send("ACK", "b", 1, "")
	waitFor(t, c, w.number, up)
	w.send("INVITE", "c", 2, string(newEar(t).offer()))
	require.Equal(t, "488 INVITE", w.next())
	require.Equal(t, 1, c.Number(w.number).Invites, "it makes no phone ring")
	require.Len(t, c.Lines(), 1)
}
