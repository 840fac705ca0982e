package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/api/address"
	"github.com/click2call/click2call/api/admin"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/workflows"
)

const (
	number   = "9530251797"
	password = "a password for tests"
	secret   = "the LiveKit secret of this installation"

	outboundKey = "the key that the CRM asks of us"
	nowhere     = "http://127.0.0.1:1/hook" // nobody listens there
)

// bench is the handler under test on a real database. Only LiveKit and Temporal are stand-ins.
type bench struct {
	t         *testing.T
	deps      admin.Deps
	handler   http.Handler
	store     *store.Store
	workflows *fakeWorkflows
	livekit   *fakeLiveKit
	testCalls *fakeTestCalls
	log       *lockedBuffer
	contract  *contract
	users     int
}

func newBench(t *testing.T, change ...func(*admin.Deps)) *bench {
	t.Helper()
	return newBenchOn(t, storetest.SQLite(t), change...)
}

func newBenchOn(t *testing.T, s *store.Store, change ...func(*admin.Deps)) *bench {
	t.Helper()
	b := &bench{
		t: t, store: s, workflows: &fakeWorkflows{}, livekit: &fakeLiveKit{}, testCalls: &fakeTestCalls{}, log: &lockedBuffer{}, contract: readContract(t),
	}
	require.NoError(t, b.store.SaveSettings(t.Context(), store.Settings{
		LiveKit: store.LiveKitSettings{URL: "wss://livekit.example.com", APIKey: "the-key", APISecret: secret},
		Knobs:   call.DefaultKnobs(), AllowedOrigins: []string{"*"}, DeliverySchedule: store.DefaultDeliverySchedule(), WebhookHTTPSOnly: true,
	}, "first start"))
	b.deps = admin.Deps{
		Store: b.store, Workflows: b.workflows, LiveKit: b.livekit, TestCalls: b.testCalls,
		Replays:  &api.Replays{Store: b.store, Workflows: b.workflows},
		Webhooks: webhook.NewSender(webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, "1.2.3"),
		Logger:   zerolog.New(b.log), Version: "1.2.3",
		PublicURL: "http://console.example.com", TemporalURL: "http://temporal.example.com/", TemporalNamespace: "default",
		TrustedProxies: address.Proxies{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
	}
	for _, f := range change {
		f(&b.deps)
	}
	b.restart()
	return b
}

// restart is a new process on the same database.
func (b *bench) restart() {
	b.t.Helper()
	handler, err := admin.New(b.deps)
	require.NoError(b.t, err)
	b.handler = handler
}

// cheapHash is weaker than what the product makes, and says so itself: tests log in hundreds of times.
var cheapHash = sync.OnceValues(func() (string, error) {
	return argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
})

func (b *bench) user(name string, role store.Role) store.User {
	b.t.Helper()
	hash, err := cheapHash()
	require.NoError(b.t, err)
	u := store.User{ID: store.NewUserID(), Name: name, Role: role, PasswordHash: hash, CreatedAt: time.Now()}
	require.NoError(b.t, b.store.AddUser(b.t.Context(), u))
	return u
}

// browser keeps a session's cookie.
type browser struct {
	b      *bench
	cookie *http.Cookie
	from   string // its address
	token  string // of a receiver's link; empty: none is sent
}

func (b *bench) browser(from string) *browser { return &browser{b: b, from: from} }

// as adds a user and logs in.
func (b *bench) as(role store.Role) *browser {
	b.t.Helper()
	b.users++
	name := fmt.Sprintf("%s%d", role, b.users)
	b.user(name, role)
	w := b.browser(fmt.Sprintf("198.51.100.%d", b.users)) // of its own, for logins are throttled by address
	w.logIn(name, password).is(http.StatusOK)
	return w
}

func (w *browser) logIn(name, password string) *answer {
	w.b.t.Helper()
	return w.post("/login", map[string]string{"name": name, "password": password})
}

// answer is a response that was read, and that conforms to openapi.yaml.
type answer struct {
	t       *testing.T
	status  int
	header  http.Header
	body    []byte
	problem struct {
		Code, Detail string
		Errors       []struct{ Field, Message string }
	}
}

func (w *browser) get(path string) *answer { w.b.t.Helper(); return w.do(http.MethodGet, path, nil) }
func (w *browser) post(path string, body any) *answer {
	w.b.t.Helper()
	return w.do(http.MethodPost, path, body)
}

// csvFile is a body that is sent as a file.
type csvFile string

// do sends a request. A body is sent as JSON; a string as it is.
func (w *browser) do(method, path string, body any, headers ...string) *answer {
	t := w.b.t
	t.Helper()
	text, isText := body.(string)
	media := "application/json"
	if file, ok := body.(csvFile); ok {
		text, isText, media = string(file), true, "text/csv"
	}
	if !isText && body != nil {
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		text = string(raw)
	}
	r := httptest.NewRequest(method, "/api/admin"+path, strings.NewReader(text))
	r.RemoteAddr = w.from + ":4711"
	if body != nil {
		r.Header.Set("Content-Type", media)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if w.cookie != nil {
		r.AddCookie(w.cookie)
	}
	if w.token != "" {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	rec := httptest.NewRecorder()
	w.b.handler.ServeHTTP(rec, r)
	a := &answer{t: t, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
	for _, c := range rec.Result().Cookies() {
		if w.cookie = c; c.MaxAge < 0 {
			w.cookie = nil
		}
	}
	if a.header.Get("Content-Type") == "application/problem+json" {
		require.NoError(t, json.Unmarshal(a.body, &a.problem), string(a.body))
		require.NotEmpty(t, a.problem.Detail)
	}
	w.b.contract.check(t, r, a)
	return a
}

func (a *answer) is(status int) *answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, string(a.body))
	return a
}

func (a *answer) isProblem(status int, code string) *answer {
	a.t.Helper()
	a.is(status)
	require.Equal(a.t, code, a.problem.Code, string(a.body))
	return a
}

func (a *answer) names(fields ...string) *answer {
	a.t.Helper()
	var named []string
	for _, e := range a.problem.Errors {
		require.NotEmpty(a.t, e.Message)
		named = append(named, e.Field)
	}
	require.ElementsMatch(a.t, fields, named, string(a.body))
	return a
}

// at returns what the answer has at a path such as "user.name" or "calls.0.call_id".
func (a *answer) at(path string) any {
	a.t.Helper()
	var v any
	require.NoError(a.t, json.Unmarshal(a.body, &v), string(a.body))
	for _, key := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[key]
			require.True(a.t, ok, "no %s in %s", path, a.body)
			v = next
		case []any:
			var i int
			_, err := fmt.Sscan(key, &i)
			require.NoError(a.t, err)
			require.Less(a.t, i, len(in), "%s in %s", path, a.body)
			v = in[i]
		default:
			require.Fail(a.t, "no such path", "%s in %s", path, a.body)
		}
	}
	return v
}

func (a *answer) str(path string) string {
	a.t.Helper()
	s, ok := a.at(path).(string)
	require.True(a.t, ok, "%s in %s", path, a.body)
	return s
}

func (a *answer) count(path string) int {
	a.t.Helper()
	list, ok := a.at(path).([]any)
	require.True(a.t, ok, "%s in %s", path, a.body)
	return len(list)
}

// contract is openapi.yaml, with which every response of every test is compared.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

func readContract(t *testing.T) *contract {
	t.Helper()
	data, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(data)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(context.Background()))
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	return &contract{doc: doc, router: router}
}

func (c *contract) check(t *testing.T, r *http.Request, a *answer) {
	t.Helper()
	route, params, err := c.router.FindRoute(r)
	if err != nil || !strings.Contains(a.header.Get("Content-Type"), "json") {
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.status, Header: a.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	input.SetBodyBytes(a.body)
	require.NoError(t, openapi3filter.ValidateResponse(context.Background(), input), "%s %s answered %d %s", r.Method, r.URL.Path, a.status, a.body)
}

func (b *bench) trunk(label string) call.Trunk {
	b.t.Helper()
	id := store.NewTrunkID()
	require.NoError(b.t, b.store.SaveTrunk(b.t.Context(), call.Trunk{
		ID: id, Label: label, LiveKitTrunkID: "ST_" + label, Prefix: "0091", DefaultDID: "+912233445566", Enabled: true,
	}))
	saved, err := b.store.Trunk(b.t.Context(), id)
	require.NoError(b.t, err)
	return saved
}

// endpoint adds one that outcomes go to.
func (b *bench) endpoint(url string) store.Endpoint {
	b.t.Helper()
	e := store.Endpoint{
		ID: store.NewEndpointID(), URL: url, APIKey: outboundKey, Secrets: []store.SigningSecret{store.NewSigningSecret()},
		State: store.EndpointActive, Default: true,
	}
	require.NoError(b.t, b.store.SaveEndpoint(b.t.Context(), e))
	return e
}

func (b *bench) liveCall(trunk call.Trunk, change ...func(*call.Call)) call.Call {
	b.t.Helper()
	c := call.Call{
		ID: call.NewID(), CaseID: "case-1", CustomerCRMID: "crm-1", AgentID: "agent-1", CustomerNumber: number,
		DID: "+912233445566", TrunkID: trunk.ID, Status: call.StatusCreated, CreatedAt: time.Now(),
	}
	for _, f := range change {
		f(&c)
	}
	require.NoError(b.t, b.store.InsertCall(b.t.Context(), c, call.DefaultKnobs()))
	require.NoError(b.t, b.store.AcceptCall(b.t.Context(), c.ID, c.CreatedAt))
	return c
}

func (b *bench) endedCall(trunk call.Trunk, o call.Outcome, change ...func(*call.Call)) call.Call {
	b.t.Helper()
	c := b.liveCall(trunk, change...)
	if o.EndedAt.IsZero() {
		o.EndedAt = c.CreatedAt.Add(time.Minute)
	}
	payload, err := call.NewPayload(c, o)
	require.NoError(b.t, err)
	timeline := []call.Entry{{At: c.CreatedAt, Source: call.SourceDial, Name: "dial", Detail: "486 Busy Here for " + number}}
	_, err = b.store.RecordOutcome(b.t.Context(), c.ID, o, &c.CreatedAt, timeline, payload)
	require.NoError(b.t, err)
	return c
}

func answered() call.Outcome {
	return call.Outcome{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, DurationSeconds: 30, RingSeconds: 5, HangupBy: call.PartyCustomer}
}

// audited returns the audit log, newest first, as "user action target".
func (b *bench) audited() (entries []string) {
	b.t.Helper()
	page, err := b.store.AuditLog(b.t.Context(), store.AuditFilter{Limit: 200})
	require.NoError(b.t, err)
	for _, e := range page.Entries {
		entries = append(entries, strings.Join([]string{e.UserName, e.Action, e.Target}, " "))
	}
	return entries
}

type fakeWorkflows struct {
	mu     sync.Mutex
	hungUp []call.ID
	told   []string // of bulk replays, and of endpoints
	err    error
}

func (w *fakeWorkflows) HangUp(_ context.Context, id call.ID, source call.Source, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if source != call.SourceOperator {
		return errors.New("an operator hangs up, nobody else")
	}
	w.hungUp = append(w.hungUp, id)
	return w.err
}

func (w *fakeWorkflows) EndpointWell(_ context.Context, endpointID string, hold int) error {
	return w.tell(fmt.Sprintf("well %s %d", endpointID, hold))
}

func (w *fakeWorkflows) StartReplay(_ context.Context, id string) error { return w.tell("start " + id) }

func (w *fakeWorkflows) SteerReplay(_ context.Context, id string, to activities.ReplayState) error {
	return w.tell(string(to) + " " + id)
}

func (w *fakeWorkflows) tell(what string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.told = append(w.told, what)
	}
	return w.err
}

func (w *fakeWorkflows) Ping(context.Context) error { return nil }

func (w *fakeWorkflows) Work(context.Context, string) (workflows.Work, error) {
	return workflows.Work{Pollers: 2, Watching: true}, nil
}

type fakeLiveKit struct {
	mu     sync.Mutex
	err    error
	asked  []livekit.Credentials
	trunks []livekit.TrunkInfo
}

func (l *fakeLiveKit) Trunks(context.Context) ([]livekit.TrunkInfo, error) { return l.trunks, l.err }

func (l *fakeLiveKit) CheckCredentials(_ context.Context, c livekit.Credentials) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, c)
	return l.err
}

func (l *fakeLiveKit) Ping(context.Context) error { return l.err }

type fakeTestCalls struct {
	placed []string
	err    error
}

func (c *fakeTestCalls) Place(_ context.Context, number, did, trunkID, agentID string) (api.TestCall, error) {
	c.placed = append(c.placed, strings.Join([]string{number, did, agentID}, " "))
	return api.TestCall{ID: call.NewID(), WSURL: "wss://livekit.example.com", Token: "the agent's token"}, c.err
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
