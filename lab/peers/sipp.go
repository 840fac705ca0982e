package peers

import (
	"fmt"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/servers"
)

// A telephone's script for SIPp is made of these pieces of XML (sipp.readthedocs.io, "Create your own XML scenarios").

const sippHead = `<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="peer">
<recv request="INVITE" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="rfrom"/><ereg regexp=".*" search_in="hdr" header="To:" assign_to="lto"/>
<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>
</action></recv>
<Reference variables="rfrom,lto,target"/>
`

const replyHead = `[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:cust@[local_ip]:[local_port]>
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO
`

// lines puts header lines, or nothing, between others.
func lines(extra []string) string {
	if len(extra) == 0 {
		return ""
	}
	return strings.Join(extra, "\n") + "\n"
}

// ring sends a provisional reply.
func ring(status string, extra ...string) string {
	return "<send><![CDATA[\nSIP/2.0 " + status + "\n" + replyHead + lines(extra) + "Content-Length: 0\n\n]]></send>\n"
}

// progress sends a provisional reply with SDP.
func progress(status string, extra ...string) string {
	return withSDP("<send>", status, alaw("sendrecv"), extra)
}

// refuse sends a final reply and waits for its ACK.
func refuse(status string, extra ...string) string {
	return "<send retrans=\"500\"><![CDATA[\nSIP/2.0 " + status + "\n" + replyHead + lines(extra) +
		"Content-Length: 0\n\n]]></send>\n<recv request=\"ACK\"/>\n"
}

// answer sends 200 with G.711 A-law, waits for the ACK, and sends a tone.
func answer(extra ...string) string {
	return withSDP(`<send retrans="500">`, "200 OK", alaw("sendrecv"), extra) + "<recv request=\"ACK\"/>\n" +
		"<nop><action><exec rtp_stream=\"tone.alaw,-1,8\"/></action></nop>\n"
}

// answerWith sends 200 with a body of another kind, and waits to be hung up on.
func answerWith(sdp string) string {
	return withSDP("<send>", "200 OK", sdp, nil) + "<recv request=\"ACK\" optional=\"true\"/>\n" + awaitBye
}

func withSDP(send, status, sdp string, extra []string) string {
	kind := ""
	if sdp != "" {
		kind = "Content-Type: application/sdp\n"
	}
	return send + "<![CDATA[\nSIP/2.0 " + status + "\n" + replyHead + lines(extra) + kind + "Content-Length: [len]\n\n" + sdp + "\n]]></send>\n"
}

// media is an SDP of one stream of audio.
func media(kinds, attributes string) string {
	return "v=0\no=- 77 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\nt=0 0\n" +
		"m=audio [rtpstream_audio_port] RTP/AVP " + kinds + "\n" + attributes
}

func alaw(direction string) string {
	return media("8 101", "a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=ptime:20\na="+direction+"\n")
}

func pause(d time.Duration) string {
	return fmt.Sprintf("<pause milliseconds=\"%d\"/>\n", d.Milliseconds())
}

const (
	mute   = "<nop><action><exec rtp_stream=\"pause\"/></action></nop>\n"
	unmute = "<nop><action><exec rtp_stream=\"resume\"/></action></nop>\n"

	awaitBye = `<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
`
	awaitCancel = `<recv request="CANCEL"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
`
)

// request is one inside the call.
func request(method string, cseq int, sdp string, extra ...string) string {
	text := method + " [$target] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70\n[routes]\n" +
		"From:[$lto];tag=[pid]T[call_number]\nTo:[$rfrom]\nCall-ID: [call_id]\nCSeq: " + strconv.Itoa(cseq) + " " + method + "\n" +
		"Contact: <sip:cust@[local_ip]:[local_port]>\n" + lines(extra)
	if sdp == "" {
		return text + "Content-Length: 0\n\n"
	}
	return text + "Content-Type: application/sdp\nContent-Length: [len]\n\n" + sdp + "\n"
}

// bye hangs up.
func bye(cseq int, extra ...string) string {
	return "<send retrans=\"500\"><![CDATA[\n" + request("BYE", cseq, "", extra...) + "]]></send>\n<recv request=\"ACK\" optional=\"true\"/>\n<recv response=\"200\"/>\n"
}

// reinvite offers again inside the call; it must be accepted.
func reinvite(cseq int, sdp string, extra ...string) string {
	return "<send retrans=\"500\"><![CDATA[\n" + request("INVITE", cseq, sdp, extra...) + "]]></send>\n" +
		"<recv response=\"100\" optional=\"true\"/>\n<recv response=\"200\"/>\n<send><![CDATA[\n" + request("ACK", cseq, "") + "]]></send>\n"
}

// refused sends a request that gets that reply.
func refused(method string, cseq, status int, extra ...string) string {
	return "<send retrans=\"500\"><![CDATA[\n" + request(method, cseq, "", extra...) + fmt.Sprintf("]]></send>\n<recv response=\"%d\"/>\n", status)
}

// script is what SIPp reads.
func script(pieces ...string) string { return sippHead + strings.Join(pieces, "") + "</scenario>\n" }

// newSIPp prepares a telephone on a port, with its sound on the ports from rtp on.
func newSIPp(dir, name, text string, port, rtp int) (*servers.Process, error) {
	file := filepath.Join(dir, name+".xml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write a script for SIPp: %w", err)
	}
	return servers.NewProcess(servers.Spec{
		Name: "SIPp " + name, Path: "/usr/bin/sipp",
		Args: []string{
			"-sf", file, "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-m", "1", "-nostdin", "-timeout", "180s",
			"-mi", "127.0.0.1", "-mp", strconv.Itoa(rtp), "-trace_err", "-error_file", filepath.Join(dir, name+".errors"),
		},
		Env: []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TERM=dumb"}, Dir: dir, LogFile: filepath.Join(dir, name+".log"),
		StopGrace: time.Second,
	}), nil
}

// writeTone writes a second of 440 Hz in G.711 A-law, in which 440 periods end where they began.
func writeTone(dir string) error {
	const rate, hz, level = 8000, 440, 8000
	tone := make([]byte, rate)
	for i := range tone {
		tone[i] = alawEncode(int(level * math.Sin(2*math.Pi*hz*float64(i)/rate)))
	}
	if err := os.WriteFile(filepath.Join(dir, "tone.alaw"), tone, 0o600); err != nil {
		return fmt.Errorf("write a tone: %w", err)
	}
	return nil
}

// alawEncode is G.711 A-law of a 16-bit sample.
func alawEncode(sample int) byte {
	sign := byte(0x80)
	if sample < 0 {
		sign, sample = 0, -sample-1
	}
	sample = min(sample, 32767) >> 3
	segment := max(0, bits.Len(uint(sample))-5)
	mantissa := sample >> max(1, segment) & 0x0f
	return (sign | byte(segment<<4) | byte(mantissa)) ^ 0x55
}
