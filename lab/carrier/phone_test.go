package carrier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// patience bounds every wait of the tests; none of them needs a tenth of it.
const patience = 20 * time.Second

func start(t *testing.T, cfg carrier.Config) *carrier.Carrier {
	t.Helper()
	cfg.SIPAddr, cfg.HTTPAddr = "127.0.0.1:0", "127.0.0.1:0"
	c := carrier.New(cfg)
	require.NoError(t, c.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func waitFor(t *testing.T, c *carrier.Carrier, number string, ok func(carrier.Call) bool) carrier.Call {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	call, err := c.WaitFor(ctx, number, ok)
	require.NoError(t, err, "the books say %+v", c.Number(number))
	return call
}

func down(c carrier.Call) bool { return c.State == carrier.StateDown }
func up(c carrier.Call) bool   { return c.State == carrier.StateUp && !c.AckedAt.IsZero() }

// phone is a caller made of sipgo: not one line of it is shared with the carrier.
type phone struct {
	t       *testing.T
	carrier sip.Uri
	dialogs *sipgo.DialogClientCache
	byes    chan string // Call-IDs that the carrier hung up
}

func newPhone(t *testing.T, c *carrier.Carrier) *phone {
	t.Helper()
	mute := slog.New(slog.DiscardHandler)
	ua, err := sipgo.NewUA(
		sipgo.WithUserAgent("test-phone"), sipgo.WithUserAgentHostname("127.0.0.1"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(mute)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(mute),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})))
	require.NoError(t, err)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	at := conn.LocalAddr().(*net.UDPAddr)
	client, err := sipgo.NewClient(ua, sipgo.WithClientAddr(at.String()), sipgo.WithClientConnectionAddr(at.String()), sipgo.WithClientLogger(mute))
	require.NoError(t, err)
	server, err := sipgo.NewServer(ua, sipgo.WithServerLogger(mute))
	require.NoError(t, err)
	p := &phone{
		t: t, carrier: uri(t, c), byes: make(chan string, 1000),
		dialogs: sipgo.NewDialogClientCache(client, sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "phone", Host: "127.0.0.1", Port: at.Port}}),
	}
	server.OnBye(func(req *sip.Request, tx sip.ServerTransaction) {
		if err := p.dialogs.ReadBye(req, tx); err == nil {
			p.byes <- req.CallID().Value()
		}
	})
	go func() { _ = server.ServeUDP(conn) }()
	require.Eventually(t, func() bool { // only then do requests leave from conn
		_, err := ua.TransportLayer().GetConnection("udp", at.String())
		return err == nil
	}, patience, time.Millisecond)
	t.Cleanup(func() { _ = conn.Close(); _ = ua.Close() })
	return p
}

func uri(t *testing.T, c *carrier.Carrier) sip.Uri {
	t.Helper()
	at, err := netip.ParseAddrPort(c.SIPAddr())
	require.NoError(t, err)
	return sip.Uri{Scheme: "sip", Host: at.Addr().String(), Port: int(at.Port())}
}

// leg is one call of a phone.
type leg struct {
	*sipgo.DialogClientSession
	rtp     *ear
	replies []int
	early   []byte // body of the last provisional reply
}

// dial sends an INVITE and waits for the final reply; an answer is acknowledged.
func (p *phone) dial(ctx context.Context, number string) (*leg, error) {
	p.t.Helper()
	l := &leg{rtp: newEar(p.t)}
	to := p.carrier
	to.User = number
	s, err := p.dialogs.Invite(ctx, to, l.rtp.offer(), sip.NewHeader("Content-Type", "application/sdp"))
	require.NoError(p.t, err)
	l.DialogClientSession = s
	p.t.Cleanup(func() { _ = s.Close() })
	err = s.WaitAnswer(ctx, sipgo.AnswerOptions{OnResponse: func(res *sip.Response) error {
		l.replies = append(l.replies, res.StatusCode)
		if res.IsProvisional() {
			l.early = res.Body()
		}
		return nil
	}})
	if err != nil {
		return l, fmt.Errorf("dial: %w", err)
	}
	l.rtp.far = mediaAddr(p.t, s.InviteResponse.Body())
	return l, s.Ack(ctx)
}

// mustDial is dial for a call that must be answered.
func (p *phone) mustDial(number string) *leg {
	p.t.Helper()
	l, err := p.dial(p.t.Context(), number)
	require.NoError(p.t, err)
	return l
}

// refused dials and returns the final reply, which must not be an answer.
func (p *phone) refused(number string) *sip.Response {
	p.t.Helper()
	_, err := p.dial(p.t.Context(), number)
	var refusal *sipgo.ErrDialogResponse
	require.ErrorAs(p.t, err, &refusal)
	return refusal.Res
}

func (p *phone) awaitBye() string {
	p.t.Helper()
	select {
	case id := <-p.byes:
		return id
	case <-time.After(patience):
		require.Fail(p.t, "the carrier sent no BYE")
		return ""
	}
}

func mediaAddr(t *testing.T, body []byte) *net.UDPAddr {
	t.Helper()
	var d sdp.SessionDescription
	require.NoError(t, d.Unmarshal(body))
	require.Len(t, d.MediaDescriptions, 1)
	require.Contains(t, d.MediaDescriptions[0].MediaName.Formats, "0", "PCMU")
	return &net.UDPAddr{IP: net.ParseIP(d.ConnectionInformation.Address.Address), Port: d.MediaDescriptions[0].MediaName.Port.Value}
}

// ear is the phone's RTP socket.
type ear struct {
	t    *testing.T
	conn *net.UDPConn
	far  *net.UDPAddr
	seq  uint16
	ts   uint32
}

func newEar(t *testing.T) *ear {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &ear{t: t, conn: conn}
}

func (e *ear) offer() []byte {
	port := e.conn.LocalAddr().(*net.UDPAddr).Port
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0 101\r\n"+
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n", port)
}

// hertz listens to n packets and counts how often the sign bit of the µ-law samples turns: an independent measure of a tone.
func (e *ear) hertz(n int) float64 {
	e.t.Helper()
	require.NoError(e.t, e.conn.SetReadDeadline(time.Now().Add(patience)))
	buf := make([]byte, 1500)
	turns, samples, before := 0, 0, byte(0)
	for range n {
		size, _, err := e.conn.ReadFromUDP(buf)
		require.NoError(e.t, err, "no RTP from the carrier")
		var p rtp.Packet
		require.NoError(e.t, p.Unmarshal(buf[:size]))
		require.EqualValues(e.t, 0, p.PayloadType)
		for _, b := range p.Payload {
			if samples > 0 && b&0x80 != before {
				turns++
			}
			before = b & 0x80
			samples++
		}
	}
	return float64(turns) / 2 / (float64(samples) / 8000)
}

// hum sends n packets of a square wave of 1,000 Hz, as fast as they go.
func (e *ear) hum(n int) {
	e.t.Helper()
	payload := make([]byte, 160)
	for i := range payload {
		payload[i] = 0x90 // +0x90 is a loud positive sample in µ-law, 0x10 its negative
		if i/4%2 == 1 {
			payload[i] = 0x10
		}
	}
	for range n {
		e.send(0, payload, e.ts)
		e.ts += 160
	}
}

// key sends a digit as RFC 4733 does: every packet carries the time of the beginning, the last three say end.
func (e *ear) key(digit byte) {
	e.t.Helper()
	for i := range 6 {
		end := byte(0)
		if i >= 3 {
			end = 0x80
		}
		e.send(101, []byte{digit, end | 10, 0, byte(i * 40)}, e.ts)
	}
	e.ts += 1600
}

func (e *ear) send(kind uint8, payload []byte, at uint32) {
	e.t.Helper()
	e.seq++
	raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: kind, SequenceNumber: e.seq, Timestamp: at, SSRC: 7}, Payload: payload}).Marshal()
	require.NoError(e.t, err)
	_, err = e.conn.WriteToUDP(raw, e.far)
	require.NoError(e.t, err)
}

// silent reports that nothing comes for d.
func (e *ear) silent(d time.Duration) bool {
	e.t.Helper()
	require.NoError(e.t, e.conn.SetReadDeadline(time.Now().Add(d)))
	_, _, err := e.conn.ReadFromUDP(make([]byte, 1500))
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
