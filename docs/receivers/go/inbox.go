package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// eventID is what a webhook-id looks like: a file can be named after it.
var eventID = regexp.MustCompile(`^evt_[a-z0-9_]{1,64}$`)

// inbox keeps each event in <dir>/<webhook-id>.json for good, and marks it with <webhook-id>.done when its work is done.
type inbox struct {
	dir  string
	wake chan struct{} // something new is there; holds at most one
}

func openInbox(dir string) (*inbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the inbox: %w", err)
	}
	i := &inbox{dir: dir, wake: make(chan struct{}, 1)}
	i.wake <- struct{}{} // what a crash left undone
	return i, nil
}

func (i *inbox) path(id, kind string) string { return filepath.Join(i.dir, id+kind) }

// keep returns when the event is safe on disk, or was before. Of several at the same moment only one creates the name, and
// a name is never there without its whole content.
func (i *inbox) keep(id string, body []byte) error {
	temporary, err := os.CreateTemp(i.dir, id+".*.new")
	if err != nil {
		return fmt.Errorf("keep %s: %w", id, err)
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // a file of this name is ignored
	_, err = temporary.Write(body)
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("keep %s: %w", id, err)
	}
	err = os.Link(temporary.Name(), i.path(id, ".json"))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keep %s: %w", id, err)
	}
	if err := i.sync(); err != nil { // also for a duplicate: the first one may still be at it
		return fmt.Errorf("keep %s: %w", id, err)
	}
	select {
	case i.wake <- struct{}{}:
	default:
	}
	return nil
}

// sync makes the names themselves safe.
func (i *inbox) sync() error {
	dir, err := os.Open(i.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// work does what is to be done, now and whenever something new is there.
func (i *inbox) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-i.wake:
		}
		files, err := filepath.Glob(i.path("evt_*", ".json"))
		if err != nil {
			log.Print(err)
			continue
		}
		for _, file := range files {
			if err := i.workOn(strings.TrimSuffix(filepath.Base(file), ".json")); err != nil {
				log.Print(err)
			}
		}
	}
}

// workOn is where your CRM's own work goes. A crash between the work and its mark means that the work is done again, so
// let it be one transaction in a database.
func (i *inbox) workOn(id string) error {
	if _, err := os.Stat(i.path(id, ".done")); err == nil {
		return nil
	}
	body, err := os.ReadFile(i.path(id, ".json"))
	if err != nil {
		return fmt.Errorf("read %s: %w", id, err)
	}
	var outcome struct {
		CaseID     string `json:"case_id"`
		CallStatus string `json:"call_status"`
		Reason     string `json:"disconnect_reason"`
	}
	if err := json.Unmarshal(body, &outcome); err != nil { // fields that we do not know are ignored
		return fmt.Errorf("parse %s: %w", id, err)
	}
	fmt.Printf("worked on %s: case %s, %s, %s\n", id, outcome.CaseID, outcome.CallStatus, outcome.Reason)
	if err := os.WriteFile(i.path(id, ".done"), nil, 0o600); err != nil {
		return fmt.Errorf("mark %s as done: %w", id, err)
	}
	return nil
}
