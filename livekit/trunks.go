package livekit

import (
	"context"
	"fmt"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
)

const (
	trunkPage = 100
	maxTrunks = 1000
)

// TrunkInfo is an outbound SIP trunk as LiveKit knows it. Its user name and password stay in LiveKit.
type TrunkInfo struct {
	ID        string // LiveKit's
	Name      string
	Address   string // host, or host:port
	Transport string // "auto", "udp", "tcp" or "tls"
	Numbers   []string
	HasAuth   bool // the trunk authenticates to the carrier
}

// Trunks lists LiveKit's outbound trunks, at most 1000, in LiveKit's order.
func (c *Client) Trunks(ctx context.Context) ([]TrunkInfo, error) {
	s, ctx, cancel, err := c.request(ctx, grants{sip: &auth.SIPGrant{Admin: true}})
	if err != nil {
		return nil, fmt.Errorf("list trunks: %w", err)
	}
	defer cancel()
	var (
		trunks []TrunkInfo
		after  string
	)
	for len(trunks) < maxTrunks {
		page, err := s.sip.ListSIPOutboundTrunk(ctx, &lk.ListSIPOutboundTrunkRequest{
			Page: &lk.Pagination{AfterId: after, Limit: trunkPage},
		})
		if err != nil {
			return nil, fail("list trunks", err)
		}
		n := len(page.Items)
		if n == 0 || page.Items[n-1].SipTrunkId == after {
			break // a server that knows no paging gives the same page again
		}
		for _, t := range page.Items {
			trunks = append(trunks, trunkInfo(t))
		}
		if n != trunkPage {
			break
		}
		after = page.Items[n-1].SipTrunkId
	}
	return trunks[:min(len(trunks), maxTrunks)], nil
}

func trunkInfo(t *lk.SIPOutboundTrunkInfo) TrunkInfo {
	info := TrunkInfo{
		ID: t.SipTrunkId, Name: t.Name, Address: t.Address, Numbers: t.Numbers,
		Transport: t.Transport.Name(),
		HasAuth:   t.AuthUsername != "",
	}
	if info.Transport == "" {
		info.Transport = "auto"
	}
	return info
}
