package peers

import (
	"context"
	"net"
	"net/http"
	"strconv"

	"github.com/livekit/protocol/livekit"

	"github.com/click2call/click2call/lab/world"
)

// trunk is a way that LiveKit dials.
type trunk string

const (
	udp           trunk = "UDP"
	tcp           trunk = "TCP"
	tls           trunk = "TLS"
	tlsSRTP       trunk = "TLS, SRTP"
	udpSRTP       trunk = "UDP, SRTP"
	wrongPassword trunk = "UDP, wrong password"
	forbidden     trunk = "UDP, a user that gets 403"
	noCredentials trunk = "UDP, no credentials"
	tcpClosed     trunk = "TCP, nobody there"
	udpClosed     trunk = "UDP, nobody there"
	tlsDeaf       trunk = "TLS, to a TCP port"
	tlsUntrusted  trunk = "TLS, unknown authority"
	unknownHost   trunk = "UDP, unknown host"
)

// addresses are where trunks lead.
type addresses struct{ kamailio, kamailioTLS, closed, untrusted int }

// info is what LiveKit is told of a trunk.
func (t trunk) info(a addresses) *livekit.SIPOutboundTrunkInfo {
	at := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	i := &livekit.SIPOutboundTrunkInfo{
		Name: "peers " + string(t), Numbers: []string{world.TrunkDID}, Transport: livekit.SIPTransport_SIP_TRANSPORT_UDP,
		Address: at(a.kamailio), AuthUsername: "trunk", AuthPassword: password,
	}
	switch t {
	case tcp, tcpClosed:
		i.Transport = livekit.SIPTransport_SIP_TRANSPORT_TCP
	case tls, tlsSRTP, tlsDeaf, tlsUntrusted:
		i.Transport, i.Address = livekit.SIPTransport_SIP_TRANSPORT_TLS, at(a.kamailioTLS)
	}
	switch t {
	case tlsSRTP:
		i.Media = &livekit.SIPMediaConfig{Encryption: livekit.SIPMediaEncryption_SIP_MEDIA_ENCRYPT_REQUIRE.Enum()}
	case udpSRTP:
		i.Media = &livekit.SIPMediaConfig{Encryption: livekit.SIPMediaEncryption_SIP_MEDIA_ENCRYPT_ALLOW.Enum()}
	case wrongPassword:
		i.AuthPassword = "wrong"
	case forbidden:
		i.AuthUsername, i.AuthPassword = "trunk403", "wrong"
	case noCredentials:
		i.AuthUsername, i.AuthPassword = "", ""
	case tcpClosed, udpClosed:
		i.Address = at(a.closed)
	case tlsDeaf:
		i.Address = at(a.kamailio)
	case tlsUntrusted:
		i.Address = at(a.untrusted)
	case unknownHost:
		i.Address = "no-such-host.invalid"
	}
	return i
}

// operator chooses the trunk of the next call, as one does in the console: the product dials through its default trunk.
type operator struct {
	*world.Operator

	trunks map[trunk]string // ids in the product
}

// add makes a trunk at LiveKit and in the product.
func (o *operator) add(ctx context.Context, w *world.World, t trunk, a addresses) error {
	id, err := w.NewTrunk(ctx, t.info(a))
	if err != nil {
		return err
	}
	var made struct {
		ID string `json:"trunk_id"`
	}
	if err := o.Do(ctx, http.MethodPost, "/trunks", setting(t, id, false), &made); err != nil {
		return err
	}
	o.trunks[t] = made.ID
	return nil
}

// choose makes t the only trunk: the product would try a call that no phone can have rung for through the others.
func (o *operator) choose(ctx context.Context, t trunk) error {
	var list struct {
		Trunks []struct {
			ID      string `json:"trunk_id"`
			Label   string `json:"label"`
			LiveKit string `json:"livekit_trunk_id"`
			Enabled bool   `json:"enabled"`
		} `json:"trunks"`
	}
	if err := o.Do(ctx, http.MethodGet, "/trunks", nil, &list); err != nil {
		return err
	}
	for _, chosen := range []bool{true, false} { // there is always a default one
		for _, have := range list.Trunks {
			if mine := have.ID == o.trunks[t]; mine != chosen || !mine && !have.Enabled {
				continue
			}
			if err := o.Do(ctx, http.MethodPut, "/trunks/"+have.ID, setting(trunk(have.Label), have.LiveKit, chosen), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func setting(t trunk, liveKit string, chosen bool) map[string]any {
	return map[string]any{
		"label": string(t), "livekit_trunk_id": liveKit, "prefix": world.TrunkPrefix, "default_did": world.TrunkDID, "default": chosen, "enabled": chosen,
	}
}
