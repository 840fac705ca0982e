package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	browserDir     = "browser"
	chromiumWithin = time.Minute // to start, on a machine that has other things to do
	npmWithin      = 5 * time.Minute
	maxReplyLine   = 8 << 20
)

// browser is a Chromium with a fake microphone, driven through browser/driver.mjs. It is safe for concurrent use.
type browser struct {
	mu      sync.Mutex
	in      io.Writer
	waiting map[int]chan browserReply
	last    int
	gone    error // why there are no more replies
}

type browserReply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
}

// installBrowserDriver installs what driver.mjs needs, when it is missing or older than the lock file. One process
// does it once, whichever test comes first.
var installBrowserDriver = sync.OnceValue(func() error {
	lock, err := os.Stat(filepath.Join(browserDir, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("install the browser driver: %w", err)
	}
	// npm writes this file at the end of an install.
	done, err := os.Stat(filepath.Join(browserDir, "node_modules", ".package-lock.json"))
	if err == nil && !done.ModTime().Before(lock.ModTime()) {
		return nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("install the browser driver: %w; install Node 20 with npm", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), npmWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = browserDir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("install the browser driver: run npm ci in e2e/%s: %w\n%s", browserDir, err, out)
	}
	return nil
})

// startBrowser starts a Chromium that ends with the test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	require.NoError(t, installBrowserDriver())
	chromium, err := exec.LookPath("chromium")
	require.NoError(t, err, "install the package chromium, or run make e2e, which does")
	cmd := exec.Command("node", "driver.mjs", chromium)
	cmd.Dir = browserDir
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start(), "start node; install Node 20")

	b := &browser{in: in, waiting: map[int]chan browserReply{}}
	hello := b.expect(0)
	over := make(chan struct{})
	go func() {
		defer close(over)
		b.read(out)
	}()
	t.Cleanup(func() {
		_ = in.Close() // the driver then closes Chromium and ends
		stuck := time.AfterFunc(chromiumWithin, func() { _ = cmd.Process.Kill() })
		defer stuck.Stop()
		<-over
		if err := cmd.Wait(); err != nil {
			t.Errorf("browser driver: %v\n%s", err, &complaints)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), chromiumWithin)
	defer cancel()
	var version string
	require.NoError(t, b.await(ctx, hello, &version), "start Chromium")
	t.Log("Chromium", version)
	return b
}

// do sends a request and decodes its result into out, which may be nil.
func (b *browser) do(ctx context.Context, verb string, args map[string]any, out any) error {
	b.mu.Lock()
	b.last++
	id := b.last
	b.mu.Unlock()
	request := map[string]any{"id": id, "do": verb}
	for k, v := range args {
		request[k] = v
	}
	line, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("browser %s: %w", verb, err)
	}
	reply := b.expect(id)
	if err := b.send(append(line, '\n')); err != nil {
		return fmt.Errorf("browser %s: %w", verb, err)
	}
	if err := b.await(ctx, reply, out); err != nil {
		return fmt.Errorf("browser %s: %w", verb, err)
	}
	return nil
}

func (b *browser) send(line []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, err := b.in.Write(line)
	return err
}

func (b *browser) expect(id int) <-chan browserReply {
	b.mu.Lock()
	defer b.mu.Unlock()
	reply := make(chan browserReply, 1)
	if b.gone != nil {
		reply <- browserReply{Error: b.gone.Error()}
	}
	b.waiting[id] = reply
	return reply
}

func (b *browser) await(ctx context.Context, reply <-chan browserReply, out any) error {
	select {
	case r := <-reply:
		if r.Error != "" {
			return errors.New(r.Error)
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(r.Result, out)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// read hands every reply to who waits for it, until the driver ends.
func (b *browser) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, maxReplyLine)
	for lines.Scan() {
		var r browserReply
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			continue // not ours: something in node wrote to standard output
		}
		b.mu.Lock()
		if reply := b.waiting[r.ID]; reply != nil {
			delete(b.waiting, r.ID)
			reply <- r
		}
		b.mu.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = errors.New("the browser driver ended")
	for _, reply := range b.waiting {
		reply <- browserReply{Error: b.gone.Error()}
	}
}
