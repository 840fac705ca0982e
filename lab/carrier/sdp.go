package carrier

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

const (
	pcmu            = 0 // RFC 3551 section 6
	maxSDP          = 8 << 10
	telephoneEvents = "telephone-event/8000" // RFC 4733
)

// offer is what the caller's SDP says about audio.
type offer struct {
	addr  *net.UDPAddr // where the caller wants its RTP
	event int          // payload type of telephone events, -1 when not offered
}

func readOffer(body []byte) (offer, error) {
	o := offer{event: -1}
	if len(body) == 0 || len(body) > maxSDP {
		return o, fmt.Errorf("read SDP offer: %d bytes, want 1 to %d", len(body), maxSDP)
	}
	var d sdp.SessionDescription
	if err := d.Unmarshal(body); err != nil {
		return o, fmt.Errorf("parse SDP offer: %w", err)
	}
	i := slices.IndexFunc(d.MediaDescriptions, func(m *sdp.MediaDescription) bool {
		return m.MediaName.Media == "audio" && slices.Contains(m.MediaName.Formats, strconv.Itoa(pcmu))
	})
	if i < 0 {
		return o, fmt.Errorf("read SDP offer: no audio with PCMU (payload type 0); offer PCMU")
	}
	m := d.MediaDescriptions[i]
	at := m.ConnectionInformation
	if at == nil {
		at = d.ConnectionInformation
	}
	if at == nil || at.Address == nil {
		return o, fmt.Errorf("read SDP offer: no connection address (c=)")
	}
	ip := net.ParseIP(at.Address.Address)
	if ip == nil {
		return o, fmt.Errorf("read SDP offer: the connection address is not an IP address")
	}
	o.addr = &net.UDPAddr{IP: ip, Port: m.MediaName.Port.Value}
	o.event = eventType(m)
	return o, nil
}

func eventType(m *sdp.MediaDescription) int {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" || !strings.HasSuffix(a.Value, " "+telephoneEvents) {
			continue
		}
		if pt, err := strconv.Atoi(strings.TrimSuffix(a.Value, " "+telephoneEvents)); err == nil {
			return pt
		}
	}
	return -1
}

// ourSDP accepts o with PCMU and, when offered, telephone events; RTP is received at local, and flows in the direction that is named
// (RFC 3264 section 5.1): "sendrecv".
func ourSDP(o offer, local *net.UDPAddr, session uint64, direction string) ([]byte, error) {
	kind := "IP4"
	if local.IP.To4() == nil {
		kind = "IP6"
	}
	m := &sdp.MediaDescription{
		MediaName: sdp.MediaName{Media: "audio", Port: sdp.RangedPort{Value: local.Port}, Protos: []string{"RTP", "AVP"}},
	}
	m.WithCodec(pcmu, "PCMU", 8000, 0, "")
	if o.event >= 0 {
		m.WithCodec(uint8(o.event), "telephone-event", 8000, 0, "0-15")
	}
	m.WithValueAttribute("ptime", "20").WithPropertyAttribute(direction)
	d := sdp.SessionDescription{
		Origin:                sdp.Origin{Username: "-", SessionID: session, SessionVersion: session, NetworkType: "IN", AddressType: kind, UnicastAddress: local.IP.String()},
		SessionName:           "carrier",
		ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: kind, Address: &sdp.Address{Address: local.IP.String()}},
		TimeDescriptions:      []sdp.TimeDescription{{}},
		MediaDescriptions:     []*sdp.MediaDescription{m},
	}
	body, err := d.Marshal()
	if err != nil {
		return nil, fmt.Errorf("write SDP: %w", err)
	}
	return body, nil
}
