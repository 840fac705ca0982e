package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

const inboundKey = "the key by which the CRM calls"

// printed is what a command has printed.
type printed struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.String()
}

// shows waits until a text was printed.
func (p *printed) shows(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(p.String(), text) }, time.Minute, 10*time.Millisecond, "waits for %q in %s", text, p)
}

// laptop is a developer's machine on which the command runs.
type laptop struct {
	t          *testing.T
	out, notes printed
	stop       func() error // as Ctrl-C does
}

func onLaptop(t *testing.T, o listenOptions) *laptop {
	t.Helper()
	l := &laptop{t: t}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- listenTo(ctx, o, &l.out, &l.notes) }()
	l.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = l.stop() })
	return l
}

// heardInstallation is the api on a real database.
func heardInstallation(t *testing.T) (*store.Store, *httptest.Server) {
	t.Helper()
	s := storetest.SQLite(t)
	_, err := s.AddAPIKey(t.Context(), "crm", inboundKey)
	require.NoError(t, err)
	e := store.Endpoint{ID: "ep_crm", URL: "https://crm.example.com/hook", APIKey: outboundKey, Secrets: []store.SigningSecret{store.NewSigningSecret()}, State: store.EndpointActive}
	require.NoError(t, s.SaveEndpoint(t.Context(), e))
	server := httptest.NewServer(api.New(api.Deps{Store: s, Logger: zerolog.Nop(), Heartbeat: 100 * time.Millisecond}))
	t.Cleanup(server.Close)
	return s, server
}

// endCall ends a call, and returns the bytes of its outcome.
func endCall(t *testing.T, s *store.Store) (id call.ID, body []byte) {
	t.Helper()
	trunk := call.Trunk{ID: store.NewTrunkID(), Label: "main", LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}
	require.NoError(t, s.SaveTrunk(t.Context(), trunk))
	c := call.Call{ID: call.NewID(), CaseID: "case-7", AgentID: "agent", CustomerNumber: customer, DID: "+912233445566",
		TrunkID: trunk.ID, Status: call.StatusCreated, CreatedAt: time.Now()}
	require.NoError(t, s.InsertCall(t.Context(), c, call.DefaultKnobs()))
	require.NoError(t, s.AcceptCall(t.Context(), c.ID, c.CreatedAt))
	outcome := call.FromSIPCode(486)
	outcome.EndedAt = time.Now()
	body, err := call.NewPayload(c, outcome)
	require.NoError(t, err)
	_, err = s.RecordOutcome(t.Context(), c.ID, outcome, nil, nil, body)
	require.NoError(t, err)
	return c.ID, body
}

func TestListenForwards(t *testing.T) {
	t.Parallel()
	s, server := heardInstallation(t)
	type post struct {
		header http.Header
		body   []byte
	}
	posts := make(chan post, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posts <- post{r.Header, body}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer receiver.Close()
	l := onLaptop(t, listenOptions{server: server.URL + "/", apiKey: inboundKey, forwardTo: receiver.URL, outboundKey: "the developer's own"})
	l.notes.shows(t, "Listening.")
	_, secret, _ := strings.Cut(l.notes.String(), receiverSecret+"=")
	secret, _, _ = strings.Cut(secret, "\n")
	wh, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)

	id, body := endCall(t, s)
	got := <-posts
	require.Equal(t, body, got.body)
	require.NoError(t, wh.Verify(got.body, got.header))
	require.Equal(t, id.EventID(), got.header.Get("webhook-id"))
	require.Equal(t, "the developer's own", got.header.Get("X-api-key"))
	l.out.shows(t, "call.ended  "+string(id)+"  202  ")
	require.NoError(t, l.stop())
	l.notes.shows(t, "1 heard, 1 taken")

	e, err := s.Endpoint(t.Context(), "ep_crm")
	require.NoError(t, err)
	for _, hidden := range []string{inboundKey, outboundKey, e.Secrets[0].Secret, customer} {
		require.NotContains(t, l.out.String()+l.notes.String()+fmt.Sprint(got.header), hidden)
	}
	d, err := s.DeliveryOfCall(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, store.DeliveryPending, d.State, "the real delivery knows nothing of it")
	require.Zero(t, d.Attempts)
}

// A receiver that fails or is not there is shown, and the next outcome comes all the same.
func TestListenShowsFailures(t *testing.T) {
	t.Parallel()
	s, server := heardInstallation(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	l := onLaptop(t, listenOptions{server: server.URL, apiKey: inboundKey, forwardTo: gone.URL, print: true, secret: store.NewSigningSecret().Secret})
	l.notes.shows(t, "Listening.")
	require.NotContains(t, l.notes.String(), "whsec_", "a secret that was given is not printed")
	id, body := endCall(t, s)
	l.out.shows(t, string(id)+"  404  ")
	l.out.shows(t, string(body)+"\n")
	gone.Close()
	id, _ = endCall(t, s)
	l.out.shows(t, string(id)+"  connect  ")
	require.NoError(t, l.stop())
}

// A connection that breaks, or a server that is away, costs nothing and doubles nothing.
func TestListenResumes(t *testing.T) {
	t.Parallel()
	s, server := heardInstallation(t)
	var lost sync.Mutex
	away, breakOff := false, context.CancelFunc(func() {})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		lost.Lock()
		now := away
		breakOff = cancel
		lost.Unlock()
		if now {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		server.Config.Handler.ServeHTTP(w, r.WithContext(ctx))
	}))
	defer front.Close()
	is := func(gone bool) {
		lost.Lock()
		defer lost.Unlock()
		away = gone
		breakOff()
	}
	l := onLaptop(t, listenOptions{server: front.URL, apiKey: inboundKey})
	l.notes.shows(t, "Listening.")
	var ids []call.ID
	end := func() {
		id, _ := endCall(t, s)
		ids = append(ids, id)
	}
	for range 3 {
		end()
		l.out.shows(t, string(ids[len(ids)-1]))
		is(true)
		end()
		l.notes.shows(t, "502")
		is(false)
		l.out.shows(t, string(ids[len(ids)-1]))
	}
	end()
	l.out.shows(t, string(ids[len(ids)-1]))
	require.NoError(t, l.stop())
	for _, id := range ids {
		require.Equal(t, 1, strings.Count(l.out.String(), string(id)), l.out.String())
	}
}

func TestListenRefused(t *testing.T) {
	t.Parallel()
	_, server := heardInstallation(t)
	elsewhere := make(chan http.Header, 1)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere <- r.Header }))
	defer other.Close()
	redirecting := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer redirecting.Close()
	for name, tt := range map[string]struct {
		o    listenOptions
		says string
	}{
		"no server":            {listenOptions{apiKey: inboundKey}, listenServer},
		"no key":               {listenOptions{server: server.URL}, listenKey},
		"wrong key":            {listenOptions{server: server.URL, apiKey: "another key"}, "does not know this API key"},
		"no such endpoint":     {listenOptions{server: server.URL, apiKey: inboundKey, endpoint: "ep_x&y"}, "No endpoint has this id"},
		"plain http":           {listenOptions{server: "http://calls.example.com", apiKey: inboundKey}, "must be https"},
		"nowhere to forward":   {listenOptions{server: server.URL, apiKey: inboundKey, forwardTo: "localhost:3000"}, "--forward-to"},
		"not this product":     {listenOptions{server: other.URL, apiKey: "not this one"}, "is --server the address"},
		"redirected elsewhere": {listenOptions{server: redirecting.URL, apiKey: inboundKey}, "is --server the address"},
	} {
		err := listenTo(t.Context(), tt.o, io.Discard, io.Discard)
		require.ErrorContains(t, err, tt.says, name)
		require.NotContains(t, err.Error(), inboundKey)
	}
	require.Equal(t, "not this one", (<-elsewhere).Get("X-api-key"))
	require.Empty(t, elsewhere, "a redirect must not carry the key away")
}

// A connection that says nothing for too long is given up: a laptop that slept, a network that changed.
func TestListenGivesUpASilentConnection(t *testing.T) {
	t.Parallel()
	connections := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections <- struct{}{}
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	var notes printed
	s := newStream(server.URL, inboundKey, "", &notes)
	s.silence = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	<-connections
	<-connections
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Contains(t, notes.String(), "nothing came from the server for too long")
}

func TestListenEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	_, server := heardInstallation(t)
	cmd := program(t, []string{listenServer + "=" + server.URL, listenKey + "=" + inboundKey}, "listen")
	var errs printed
	cmd.Stderr = &errs
	require.NoError(t, cmd.Start())
	errs.shows(t, "Listening.")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait(), errs.String())
	require.Contains(t, errs.String(), "0 heard")
}
