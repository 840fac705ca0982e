package trial_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/webhook/trial"
)

// startFor is how long a receiver may take to listen, and to work on what it has.
const startFor = time.Minute

// reference is a receiver of docs/receivers that runs.
type reference struct {
	t       *testing.T
	command []string
	dir     string // its inbox
	process *exec.Cmd
	lines   chan string // of its output
	passed  []string    // lines that came before one that was waited for; a restarted receiver may work before it listens
	url     string
}

// start runs a receiver on the inbox in dir.
func start(t *testing.T, dir string, command ...string) *reference {
	t.Helper()
	r := &reference{t: t, command: command, dir: dir, lines: make(chan string, 1024)}
	r.process = exec.Command(command[0], command[1:]...)
	r.process.Env = append(os.Environ(), "CLICK2CALL_WEBHOOK_SECRET="+secret, "CLICK2CALL_OUTBOUND_KEY="+key, "EVENTS_DIR="+dir, "LISTEN=127.0.0.1:0")
	out, err := r.process.StdoutPipe()
	require.NoError(t, err)
	var complaints bytes.Buffer
	r.process.Stderr = &complaints
	require.NoError(t, r.process.Start())
	t.Cleanup(func() {
		r.kill()
		require.Empty(t, complaints.String())
	})
	go func() {
		defer close(r.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			r.lines <- scanner.Text()
		}
	}()
	r.url = strings.TrimPrefix(r.await("listening on "), "listening on ")
	return r
}

// kill ends the receiver as a power cut does.
func (r *reference) kill() {
	_ = r.process.Process.Kill()
	_ = r.process.Wait()
}

// await returns the first line that begins with a text and was not returned before.
func (r *reference) await(prefix string) string {
	r.t.Helper()
	begins := func(line string) bool { return strings.HasPrefix(line, prefix) }
	if n := slices.IndexFunc(r.passed, begins); n >= 0 {
		line := r.passed[n]
		r.passed = slices.Delete(r.passed, n, n+1)
		return line
	}
	late := time.After(startFor)
	for {
		select {
		case line, ok := <-r.lines:
			require.True(r.t, ok, "the receiver ended before it said %q", prefix)
			if begins(line) {
				return line
			}
			r.passed = append(r.passed, line)
		case <-late:
			require.FailNow(r.t, "the receiver did not say "+prefix)
		}
	}
}

// kept are the names in the inbox with an ending.
func (r *reference) kept(ending string) (ids []string) {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, "*"+ending))
	require.NoError(r.t, err)
	for _, file := range files {
		ids = append(ids, strings.TrimSuffix(filepath.Base(file), ending))
	}
	return ids
}

func TestReferenceReceiverInGo(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "receiver")
	run(t, "../../docs/receivers/go", "go", "build", "-o", program, ".")
	testReference(t, program)
}

func TestReferenceReceiverInNode(t *testing.T) {
	t.Parallel()
	const dir = "../../docs/receivers/node"
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err != nil {
		run(t, dir, "npm", "ci")
	}
	testReference(t, "node", dir+"/receiver.mjs")
}

func run(t *testing.T, dir string, command ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	require.NoError(t, err, string(out))
}

// testReference wants full marks, each event kept and worked on once, and all of that over a power cut.
func testReference(t *testing.T, command ...string) {
	t.Helper()
	r := start(t, t.TempDir(), command...)
	results := bench(t, r.url)
	var taken []string
	for name, res := range results {
		require.True(t, res.Passed, "%s: %s %s", name, res.Came, res.Advice)
		require.Empty(t, res.Advice, name)
		if last := res.Exchanges[len(res.Exchanges)-1]; last.Expected == trial.Taken {
			taken = append(taken, last.EventID)
			body, err := os.ReadFile(filepath.Join(r.dir, last.EventID+".json"))
			require.NoError(t, err)
			require.Equal(t, string(last.Body), string(body), name)
		}
	}
	require.ElementsMatch(t, taken, r.kept(".json"), "each event once, and nothing that was refused")
	worked := map[string]bool{}
	for range taken {
		id, _, _ := strings.Cut(strings.TrimPrefix(r.await("worked on "), "worked on "), ":")
		require.False(t, worked[id], "%s was worked on twice", id)
		worked[id] = true
	}
	testPowerCut(t, r)
}

// testPowerCut has a receiver that is killed after it has kept an event and before it has worked on it.
func testPowerCut(t *testing.T, r *reference) {
	t.Helper()
	sent, err := trial.Run(t.Context(), newSender(), to(r.url), "outcome-busy")
	require.NoError(t, err)
	event := sent.Exchanges[0]
	r.await("worked on " + event.EventID)
	r.kill()
	before := r.kept(".json")
	require.NoError(t, os.RemoveAll(filepath.Join(r.dir, event.EventID+".done")), "the mark, if it was made before the power went")

	r = start(t, r.dir, r.command...)
	require.Contains(t, r.await("worked on "), event.EventID, "what the power cut left undone")
	again := to(r.url)
	again.EventID, again.Body, again.Attempt = event.EventID, event.Body, 2
	require.Equal(t, http.StatusNoContent, newSender().Send(t.Context(), again).Status)
	other := again
	other.EventID = event.EventID + "x"
	require.Equal(t, http.StatusNoContent, newSender().Send(t.Context(), other).Status)
	require.Contains(t, r.await("worked on "), other.EventID, "the duplicate before it was not worked on again")
	require.ElementsMatch(t, append(before, other.EventID), r.kept(".json"))
	testHostileID(t, r)
}

// testHostileID is signed with the right secret all the same: a name that leads out of the inbox must not be kept.
func testHostileID(t *testing.T, r *reference) {
	t.Helper()
	hostile := to(r.url)
	body, err := json.Marshal(map[string]string{"event_id": "x"})
	require.NoError(t, err)
	for _, id := range []string{"../evt_x", "evt_/../../x", "x", "evt_x.json"} {
		hostile.EventID, hostile.Body = id, body
		require.Equal(t, http.StatusBadRequest, newSender().Send(t.Context(), hostile).Status, id)
	}
	large := to(r.url)
	large.EventID, large.Body = "evt_large", bytes.Repeat([]byte("x"), 65<<10)
	require.NotEqual(t, webhook.Class(""), newSender().Send(t.Context(), large).Class)
	require.NotContains(t, r.kept(".json"), "evt_large")
}
