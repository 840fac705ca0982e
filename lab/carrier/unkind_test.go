package carrier_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// raw returns the next datagram from the carrier as it came.
func (w *wire) raw() string {
	w.t.Helper()
	require.NoError(w.t, w.conn.SetReadDeadline(time.Now().Add(patience)))
	buf := make([]byte, 4096)
	n, err := w.conn.Read(buf)
	require.NoError(w.t, err)
	return string(buf[:n])
}

// reply answers a request of the carrier's.
func (w *wire) reply(request, status string) {
	w.t.Helper()
	lines := []string{"SIP/2.0 " + status}
	for line := range strings.SplitSeq(request, "\r\n") {
		switch name, _, _ := strings.Cut(line, ":"); name {
		case "Via", "From", "To", "Call-ID", "CSeq":
			lines = append(lines, line)
		}
	}
	_, err := w.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"))
	require.NoError(w.t, err)
}

func TestOddRefusals(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"901": {"SIP/2.0 486 Besetzt \xfcberall\r\n"},
		"902": {"SIP/2.0 486 Busy Here\r\n", "\r\n\r\n\xff\xfe\x00\x80\xc3("},
		"903": {"SIP/2.0 486\r\n"},
		"904": {"SIP/2.0 404 \r\n"},
		"907": {"SIP/2.0 799 Beyond\r\n"},
		"912": {"SIP/2.0 603 no no no "},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c := start(t, carrier.Config{})
			w := newWire(t, c, carrier.Number(code, 0, 0))
			w.invite("a")
			got := w.raw()
			for _, part := range want {
				require.Contains(t, got, part)
			}
			w.send("ACK", "a", 1, "")
			call := waitFor(t, c, w.number, func(c carrier.Call) bool { return down(c) && !c.AckedAt.IsZero() })
			require.Equal(t, carrier.WhyRefused, call.Why)
		})
	}
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for code, check := range map[string]func(t *testing.T, got string){
		"905": func(t *testing.T, got string) { require.Contains(t, got, "SIP/2.0 200 Oui, all\xf4\r\n") },
		"906": func(t *testing.T, got string) { require.Contains(t, got, "SIP/2.0 202 Accepted\r\n") },
		"908": func(t *testing.T, got string) { require.NotContains(t, got, "v=0") },
		"909": func(t *testing.T, got string) { require.Contains(t, got, "RTP/AVP 18\r\n") },
		"910": func(t *testing.T, got string) { require.Contains(t, got, "\r\n\r\nhello") },
		"911": func(t *testing.T, got string) { require.NotRegexp(t, `To: [^\r]*tag=`, got) },
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c := start(t, carrier.Config{})
			w := newWire(t, c, carrier.Number(code, 0, 0))
			w.invite("a")
			got := w.raw()
			require.Regexp(t, "^SIP/2.0 2", got)
			check(t, got)
		})
	}
}

func TestTwoPhonesAnswer(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("208", time.Second, 0))
	w.invite("a")
	tags := map[string]bool{}
	for _, want := range []string{"180 INVITE", "180 INVITE", "200 INVITE"} {
		require.Equal(t, want, w.next())
		tags[w.tag] = true
	}
	require.Len(t, tags, 2, "the second phone answers")
	w.send("ACK", "b", 1, "")
	require.Equal(t, "200 INVITE", w.next())
	tags[w.tag] = true
	require.Len(t, tags, 3, "and another one as well")
}

func TestByeOvertakesAck(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("209", 0, 0))
	w.invite("a")
	require.Equal(t, "200 INVITE", w.next())
	require.Equal(t, "BYE", w.next())
	call := waitFor(t, c, w.number, down)
	require.Equal(t, carrier.Callee, call.ByeBy)
	require.False(t, call.AnsweredAt.IsZero())
}

func TestReliableRingingAsksForPrack(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("184", time.Second, 0))
	w.invite("a")
	got := w.raw()
	require.Contains(t, got, "SIP/2.0 183 ")
	require.Contains(t, got, "Require: 100rel\r\n")
	require.Equal(t, "504 INVITE", w.next())
}

func TestLostAck(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("212", 0, 0))
	w.invite("a")
	for range 3 {
		require.Equal(t, "200 INVITE", w.next())
		w.send("ACK", "b", 1, "")
	}
	require.True(t, waitFor(t, c, w.number, func(carrier.Call) bool { return true }).AckedAt.IsZero())
}

// talking brings a call up.
func talking(t *testing.T, c *carrier.Carrier, number string) *wire {
	t.Helper()
	w := newWire(t, c, number)
	w.invite("a")
	require.Equal(t, "200 INVITE", w.next())
	w.send("ACK", "b", 1, "")
	waitFor(t, c, w.number, up)
	return w
}

func TestDeadPhoneAnswersNothing(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := talking(t, c, carrier.Number("211", 0, time.Second))
	call := waitFor(t, c, w.number, down)
	require.Equal(t, carrier.WhyDead, call.Why)
	w.send("BYE", "c", 2, "")
	require.True(t, w.silent(300*time.Millisecond))
	require.Empty(t, c.Lines(), "a dead phone holds no line")
}

func TestHoldAndResume(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := talking(t, c, carrier.Number("203", 0, time.Second))
	for i, want := range []string{"a=inactive", "a=sendrecv"} {
		invite := w.raw()
		require.Contains(t, invite, want)
		w.reply(invite, "200 OK")
		require.Equal(t, "ACK", w.next())
		waitFor(t, c, w.number, func(c carrier.Call) bool { return c.Reinvites == i+1 })
		sent := c.Calls()[0].Media.PacketsSent
		require.Equal(t, i == 1, c.Calls()[0].Media.PacketsSent > sent || waitsForSound(t, c, sent), "sound after %s", want)
	}
	require.Equal(t, "BYE", w.next())
}

// waitsForSound reports whether the carrier speaks within half a second.
func waitsForSound(t *testing.T, c *carrier.Carrier, sent int) bool {
	t.Helper()
	for end := time.Now().Add(500 * time.Millisecond); time.Now().Before(end); time.Sleep(frame) {
		if c.Calls()[0].Media.PacketsSent > sent+1 {
			return true
		}
	}
	return false
}

const frame = 20 * time.Millisecond

func TestSessionTimer(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := newWire(t, c, carrier.Number("205", 0, 3*time.Second))
	w.invite("a")
	got := w.raw()
	require.Contains(t, got, "Session-Expires: 90;refresher=uas\r\n")
	_, tag, _ := strings.Cut(got[strings.Index(got, "\r\nTo:"):], ";tag=")
	w.tag, _, _ = strings.Cut(tag, "\r\n")
	w.send("ACK", "b", 1, "")
	for range 2 {
		invite := w.raw()
		require.Regexp(t, "^INVITE ", invite)
		w.reply(invite, "200 OK")
		require.Equal(t, "ACK", w.next())
	}
	require.Equal(t, "BYE", w.next())
}

func TestSessionThatNobodyRefreshes(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	w := talking(t, c, carrier.Number("206", 0, time.Second))
	require.Contains(t, w.raw(), `Reason: SIP ;cause=408`)
	require.Equal(t, carrier.WhyExpired, waitFor(t, c, w.number, down).Why)
}

func TestTCPSideIsDeaf(t *testing.T) {
	t.Parallel()
	c := start(t, carrier.Config{})
	conn, err := net.Dial("tcp", c.SIPAddr())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "\x16\x03\x01")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
	_, err = conn.Read(make([]byte, 1))
	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout())
}
