package world

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/click2call/click2call/lab/servers"
)

// Secrets are a lab's keys and passwords, made at random for each lab.
type Secrets struct {
	LiveKitKey    string `json:"livekit_key"`
	LiveKitSecret string `json:"livekit_secret"`
	InboundKey    string `json:"inbound_key"`    // the CRM shows it to the product
	OutboundKey   string `json:"outbound_key"`   // the product shows it to the CRM
	WebhookSecret string `json:"webhook_secret"` // whsec_…
	AdminPassword string `json:"admin_password"`
	StoreKey      string `json:"store_key"` // 32 bytes in base64
}

// state is what a lab must remember to go on with the data that it kept.
type state struct {
	Secrets Secrets       `json:"secrets"`
	Ports   servers.Ports `json:"ports"`
}

func newSecrets() Secrets {
	var signing, store [32]byte
	_, _ = rand.Read(signing[:]) // never fails: crypto/rand crashes the program instead
	_, _ = rand.Read(store[:])
	return Secrets{
		LiveKitKey: "lab" + rand.Text()[:12], LiveKitSecret: rand.Text() + rand.Text(),
		InboundKey: rand.Text(), OutboundKey: rand.Text(), AdminPassword: rand.Text()[:16],
		WebhookSecret: "whsec_" + base64.StdEncoding.EncodeToString(signing[:]),
		StoreKey:      base64.StdEncoding.EncodeToString(store[:]),
	}
}

// openState makes dir ready. Without keep everything an earlier lab left there is removed; with it, its secrets
// are read again, and other ports than it had are an error: the product's settings name them.
func openState(dir string, ports servers.Ports, keep bool) (Secrets, error) {
	file := filepath.Join(dir, "state.json")
	if keep {
		text, err := os.ReadFile(file)
		if err == nil {
			return kept(text, ports)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return Secrets{}, fmt.Errorf("read the lab's state: %w", err)
		}
	}
	if err := empty(dir, file); err != nil {
		return Secrets{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Secrets{}, fmt.Errorf("make the lab's directory: %w", err)
	}
	s := state{Secrets: newSecrets(), Ports: ports}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return Secrets{}, fmt.Errorf("write the lab's state: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return Secrets{}, fmt.Errorf("write the lab's state: %w", err)
	}
	return s.Secrets, nil
}

// empty removes an earlier lab's directory, and nothing that is not one.
func empty(dir, stateFile string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the lab's directory: %w", err)
	}
	if _, err := os.Stat(stateFile); err != nil {
		return fmt.Errorf("empty %s: it holds files that are not a lab's; choose another directory", dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the last lab's data: %w", err)
	}
	return nil
}

func kept(text []byte, ports servers.Ports) (Secrets, error) {
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return Secrets{}, fmt.Errorf("read the lab's state: %w; start without keeping it", err)
	}
	if s.Ports != ports {
		return Secrets{}, errors.New("read the lab's state: it was made with other ports; use the same, or start without keeping it")
	}
	return s.Secrets, nil
}
