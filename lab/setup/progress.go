package setup

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

const (
	everyOnTerminal = time.Second
	everyInLog      = 30 * time.Second // a line each in a log that people scroll through
	outputKept      = 4 << 10
)

// progress says what is being done and for how long, until the function it returns is called.
func (s Setup) progress(what string, expected time.Duration) func(error) {
	if s.Out == nil {
		return func(error) {}
	}
	began := time.Now()
	terminal := isTerminal(s.Out)
	s.say("%s (about %s when nothing is cached)", what, round(expected))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		every := everyInLog
		if terminal {
			every = everyOnTerminal
		}
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				if terminal {
					_, _ = fmt.Fprintf(s.Out, "\r  %s: %s of about %s ", what, round(time.Since(began)), round(expected))
				} else {
					s.say("  %s: %s of about %s", what, round(time.Since(began)), round(expected))
				}
			}
		}
	}()
	return func(err error) {
		close(stop)
		<-stopped
		if terminal {
			_, _ = fmt.Fprint(s.Out, "\r\x1b[K")
		}
		if err == nil {
			s.say("  %s: done in %s", what, round(time.Since(began)))
		}
	}
}

// round is a duration as people say it: 4m, 2m10s, 7s.
func round(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		return strings.TrimSuffix(s, "0s")
	}
	return s
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// output is what a command printed: all of it in a file, the end of it in memory for the error.
type output struct {
	path string
	end  []byte
}

// Write keeps the end of what is written.
func (o *output) Write(p []byte) (int, error) {
	o.end = append(o.end, p...)
	if extra := len(o.end) - outputKept; extra > 0 {
		o.end = append(o.end[:0], o.end[extra:]...)
	}
	return len(p), nil
}

func (o *output) tail() string {
	text := bytes.TrimSpace(o.end)
	if len(text) == 0 {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) > 12 {
		lines = lines[len(lines)-12:]
	}
	return "\n    " + strings.Join(lines, "\n    ")
}

// quietly runs a command with its output in a log file.
func (s Setup) quietly(ctx context.Context, name string, cmd *exec.Cmd) (*output, error) {
	logs := s.Logs
	if logs == "" {
		logs = os.TempDir()
	}
	out := &output{path: filepath.Join(logs, name+".log")}
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return out, err
	}
	file, err := os.OpenFile(out.path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return out, err
	}
	defer func() { _ = file.Close() }()
	cmd.Stdout = io.MultiWriter(file, out)
	cmd.Stderr = cmd.Stdout
	cmd.WaitDelay = 5 * time.Second // a compiler's children may hold the pipe after a cancellation
	err = cmd.Run()
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	return out, err
}
