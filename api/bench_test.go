package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
)

const (
	goodKey   = "inbound-key-of-the-crm"
	goodBody  = `{"case_id":"abc123","customer_number":"9530251797","agent_id":"agent-42","customer_crm_id":"cust-99"}`
	number    = "9530251797"
	agentWait = 20 * time.Millisecond
)

// bench is the handler under test with everything around it.
type bench struct {
	t         *testing.T
	handler   http.Handler
	store     *fakeStore
	workflows *fakeWorkflows
	livekit   *fakeLiveKit
	settings  *fakeSettings
	clock     *clock
	log       *lockedBuffer
	contract  *contract
}

func newBench(t *testing.T) *bench {
	t.Helper()
	contract, err := readContract()
	require.NoError(t, err)
	b := &bench{
		t: t, store: newFakeStore(), livekit: &fakeLiveKit{agent: true}, settings: newFakeSettings(),
		clock: &clock{at: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}, log: &lockedBuffer{}, contract: contract,
	}
	b.workflows = &fakeWorkflows{store: b.store}
	b.handler = api.New(b.deps())
	return b
}

func (b *bench) deps() api.Deps {
	return api.Deps{
		Workflows: b.workflows, LiveKit: b.livekit, Store: b.store, Settings: b.settings,
		Logger: zerolog.New(b.log), Now: b.clock.now, Version: "1.2.3", AgentWait: agentWait, AnswerWait: agentWait, ResendEvery: time.Hour,
	}
}

// answer is a response that was read, and that conforms to openapi.yaml.
type answer struct {
	t       *testing.T
	status  int
	header  http.Header
	body    []byte
	problem struct {
		Code   string
		Detail string
		Errors []struct{ Field, Message string }
	}
}

func (b *bench) do(method, path, body string, headers ...string) *answer {
	b.t.Helper()
	return b.serve(request(method, path, body, headers...))
}

func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	judged := strings.TrimPrefix(body, "\ufeff") // RFC 8259 lets a reader ignore it; the contract's does not
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(judged)), nil }
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func (b *bench) serve(r *http.Request) *answer {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	a := &answer{t: b.t, status: w.Code, header: w.Header(), body: w.Body.Bytes()}
	require.Equal(b.t, "nosniff", a.header.Get("X-Content-Type-Options"))
	require.NotEmpty(b.t, a.header.Get("X-Request-Id"))
	if a.header.Get("Content-Type") == "application/problem+json" {
		require.NoError(b.t, json.Unmarshal(a.body, &a.problem), string(a.body))
	}
	b.contract.check(b.t, r, a)
	return a
}

// post sends JSON as a browser does; place sends it as the CRM does.
func (b *bench) post(path, body string) *answer {
	return b.do(http.MethodPost, path, body, "Content-Type", "application/json")
}

func (b *bench) place(body string, headers ...string) *answer {
	headers = append([]string{"Content-Type", "application/json", "X-api-key", goodKey}, headers...)
	return b.do(http.MethodPost, "/api/c2c/click2call", body, headers...)
}

// open places a call and returns its id.
func (b *bench) open() call.ID {
	b.t.Helper()
	a := b.place(goodBody).ok()
	return call.ID(a.str("call_id"))
}

func (a *answer) ok() *answer {
	a.t.Helper()
	require.Equal(a.t, http.StatusOK, a.status, string(a.body))
	return a
}

func (a *answer) isProblem(status int, code string) *answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, string(a.body))
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	require.Equal(a.t, code, a.problem.Code, string(a.body))
	require.NotEmpty(a.t, a.problem.Detail)
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

func (a *answer) json() map[string]any {
	a.t.Helper()
	var m map[string]any
	require.NoError(a.t, json.Unmarshal(a.body, &m), string(a.body))
	return m
}

func (a *answer) str(field string) string {
	a.t.Helper()
	s, ok := a.json()[field].(string)
	require.True(a.t, ok, "%s in %s", field, a.body)
	return s
}

// nothingStarted checks that a refused request left nothing behind.
func (b *bench) nothingStarted() {
	b.t.Helper()
	require.Empty(b.t, b.store.rows(), "a row was left behind")
	require.Empty(b.t, b.workflows.opened(), "a workflow was started")
	require.Empty(b.t, b.workflows.sent(), "a signal was sent")
}

// contract is openapi.yaml, with which every response of every test is compared.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

// readContract parses openapi.yaml once: it is read-only, and every test needs it.
var readContract = sync.OnceValues(func() (*contract, error) {
	data, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(doc)
	return &contract{doc: doc, router: router}, err
})

func (c *contract) check(t *testing.T, r *http.Request, a *answer) {
	t.Helper()
	route, params, err := c.router.FindRoute(r)
	if err != nil || route.Path == "/openapi.yaml" { // its schema is "a string", which a YAML reader takes for an object
		return
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	sent := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	anyBody := route.Operation.OperationID == "hangUpCall" // a hang-up is heard whatever is in it, which no schema says
	if a.status == http.StatusOK && r.Header.Get("Content-Type") == "application/json" && !anyBody {
		body, err := r.GetBody()
		require.NoError(t, err)
		sent.Request = r.Clone(context.Background())
		sent.Request.Body = body
		require.NoError(t, openapi3filter.ValidateRequest(context.Background(), sent), "accepted, though the contract forbids it")
	}
	input := &openapi3filter.ResponseValidationInput{RequestValidationInput: sent, Status: a.status, Header: a.header, Options: options}
	input.SetBodyBytes(a.body)
	require.NoError(t, openapi3filter.ValidateResponse(context.Background(), input), "%s %s answered %d %s", r.Method, r.URL.Path, a.status, a.body)
}

// clock is a time that moves only when a test says so.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*lockedBuffer)(nil)

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
