package livekit

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/utils/xtwirp"
	"github.com/livekit/server-sdk-go/v2/signalling"
	"github.com/twitchtv/twirp"
)

const (
	callTimeout   = 5 * time.Second // for every request whose context has no deadline
	tokenTTL      = 2 * time.Minute // of the token that signs one request
	maxReplyBytes = 8 << 20
	idlePerHost   = 64  // room for a whole Watch round without new connections
	connsPerHost  = 256 // further requests wait for a free connection
)

// Client talks to the one LiveKit deployment that the credentials name. It is safe for concurrent use.
//
// Every request has a deadline: the context's, or 5 seconds. Errors say which operation failed and for which call; they
// wrap [ErrUnavailable], [ErrUnauthorized] or [ErrRefused].
type Client struct {
	credentials func(context.Context) (Credentials, error)
	http        *http.Client
	dialHTTP    *http.Client
	listHTTP    *http.Client
	observer    Observer          // nil: nobody measures
	budget      int               // requests a minute; 0: as the URL says
	holdMusic   []byte            // G.711 μ-law
	transports  []*http.Transport // of the three

	keypads keypads

	mu      sync.Mutex
	session *session
}

// session is what one set of credentials gives.
type session struct {
	creds Credentials
	wsURL string
	api   string // http or https
	rooms lk.RoomService
	list  lk.RoomService // over listHTTP: for the whole list of rooms
	sip   lk.SIP
	dial  lk.SIP // over dialHTTP
}

// New returns a Client that asks for its credentials at each use, so that a change in the settings holds from the next
// request on. The credentials function should answer from memory or a near cache.
func New(credentials func(context.Context) (Credentials, error), options ...Option) *Client {
	// A dial gets a connection of its own. On a reused one, a LiveKit that was restarted meanwhile shows as
	// EOF after the request was written, and nobody could say whether the customer's phone rings.
	dial := transport()
	dial.DisableKeepAlives = true
	dial.MaxConnsPerHost = 0 // a ringing phone holds its connection: the next one must not wait for it
	dial.Protocols = new(http.Protocols)
	dial.Protocols.SetHTTP1(true)
	usual, list := transport(), transport()
	c := &Client{
		credentials: credentials,
		transports:  []*http.Transport{usual, dial, list},
		http:        &http.Client{Transport: boundedReplies{usual}, CheckRedirect: stayHere},
		dialHTTP:    &http.Client{Transport: boundedReplies{dial}, CheckRedirect: stayHere},
		listHTTP:    &http.Client{Transport: namesOnly{list}, CheckRedirect: stayHere},
		holdMusic:   holdMusic,
	}
	for _, o := range options {
		o(c)
	}
	return c
}

func transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   idlePerHost,
		MaxConnsPerHost:       connsPerHost,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// stayHere keeps the signed token from following a redirect to another host.
func stayHere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// boundedReplies caps what LiveKit, or whatever answers at its URL, can make us read.
type boundedReplies struct{ base http.RoundTripper }

func (b boundedReplies) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxReplyBytes), resp.Body}
	return resp, nil
}

// open returns the session of the current credentials; it makes a new one only when they have changed.
func (c *Client) open(ctx context.Context) (*session, error) {
	creds, err := c.credentials(ctx)
	if err != nil {
		return nil, fmt.Errorf("read LiveKit credentials: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil && c.session.creds == creds {
		return c.session, nil
	}
	s, err := c.newSession(creds)
	if err != nil {
		return nil, err
	}
	c.session = s
	return s, nil
}

func (c *Client) newSession(creds Credentials) (*session, error) {
	base, err := creds.baseURL()
	if err != nil {
		return nil, err
	}
	api, options := signalling.ToHttpURL(base), append(xtwirp.DefaultClientOptions(), twirp.WithClientInterceptors(c.observe))
	return &session{
		creds: creds,
		wsURL: signalling.ToWebsocketURL(base),
		api:   api,
		rooms: lk.NewRoomServiceProtobufClient(api, c.http, options...),
		list:  lk.NewRoomServiceProtobufClient(api, c.listHTTP, options...),
		sip:   lk.NewSIPProtobufClient(api, c.http, options...),
		dial:  lk.NewSIPProtobufClient(api, c.dialHTTP, options...),
	}, nil
}

// request opens a session and a context that carries a deadline and a token with just these rights.
func (c *Client) request(ctx context.Context, g grants) (*session, context.Context, context.CancelFunc, error) {
	s, err := c.open(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	ctx, cancel := withDeadline(ctx)
	ctx, err = s.sign(ctx, g)
	if err != nil {
		cancel()
		return nil, nil, nil, err
	}
	return s, ctx, cancel, nil
}

func withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, callTimeout)
}

// grants are the rights of one request.
type grants struct {
	video *auth.VideoGrant
	sip   *auth.SIPGrant
}

func (s *session) sign(ctx context.Context, g grants) (context.Context, error) {
	t := auth.NewAccessToken(s.creds.APIKey, s.creds.APISecret).SetValidFor(tokenTTL)
	if g.video != nil {
		t.SetVideoGrant(g.video)
	}
	if g.sip != nil {
		t.SetSIPGrant(g.sip)
	}
	token, err := t.ToJWT()
	if err != nil {
		return nil, fmt.Errorf("sign LiveKit request: %w: set the API key and secret", ErrUnauthorized)
	}
	return twirp.WithHTTPRequestHeaders(ctx, signalling.NewHTTPHeaderWithToken(token))
}
