package compose

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const project = "click2call" // as docker-compose.yml names it

// installation is a directory as an operator has it: docker-compose.yml, deploy/, .env. Beside these is an override that makes everybody
// trust the authority that stands in for Let's Encrypt.
type installation struct {
	*engine
	dir string
}

// override is all that differs from what an operator runs. The SIP service refuses calls while the machine is busy, and a lab's machine is: it is
// told not to.
func override(composeFile []byte) ([]byte, error) {
	var file struct {
		Services map[string]struct{ Environment map[string]string }
	}
	if err := yaml.Unmarshal(composeFile, &file); err != nil {
		return nil, fmt.Errorf("read docker-compose.yml: %w", err)
	}
	trust := map[string]any{"volumes": []string{"../authorities.crt:" + authorities + ":ro"}}
	return yaml.Marshal(map[string]any{"services": map[string]any{
		// Names under .internal get certificates of an authority of Caddy's own. It is given one, and our program trusts it.
		"caddy":   map[string]any{"volumes": []string{"../authority:/data/caddy/pki/authorities/local"}},
		"migrate": trust, "api": trust, "worker": trust,
		"livekit-sip": map[string]any{"environment": map[string]string{
			"SIP_CONFIG_BODY": file.Services["livekit-sip"].Environment["SIP_CONFIG_BODY"] + "max_cpu_utilization: 1\n",
		}},
	}})
}

// newInstallation lays the files out, as a clone of the repository would.
func newInstallation(root, dir string, e *engine) (*installation, error) {
	in := &installation{engine: e, dir: filepath.Join(dir, "install")}
	if err := os.RemoveAll(in.dir); err != nil {
		return nil, fmt.Errorf("lay out the installation: %w", err)
	}
	if err := os.CopyFS(filepath.Join(in.dir, "deploy"), os.DirFS(filepath.Join(root, "deploy"))); err != nil {
		return nil, fmt.Errorf("lay out the installation: %w", err)
	}
	for _, name := range []string{"docker-compose.yml", ".env.example"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, fmt.Errorf("lay out the installation: %w", err)
		}
		if err := os.WriteFile(filepath.Join(in.dir, name), text, 0o644); err != nil {
			return nil, fmt.Errorf("lay out the installation: %w", err)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	if err != nil {
		return nil, fmt.Errorf("lay out the installation: %w", err)
	}
	own, err := override(text)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(in.dir, "docker-compose.override.yml"), own, 0o644); err != nil {
		return nil, fmt.Errorf("lay out the installation: %w", err)
	}
	return in, writeAuthority(dir)
}

// writeAuthority makes a certificate authority where the override looks for it, and a file of all that our side trusts.
func writeAuthority(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make an authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "click2call lab"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("make an authority: %w", err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return fmt.Errorf("make an authority: %w", err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	system, err := os.ReadFile(authorities)
	if err != nil {
		return fmt.Errorf("make an authority: %w", err)
	}
	own := filepath.Join(dir, "authority")
	if err := errors.Join(os.RemoveAll(own), os.MkdirAll(own, 0o700)); err != nil {
		return fmt.Errorf("make an authority: %w", err)
	}
	return errors.Join(
		os.WriteFile(filepath.Join(own, "root.crt"), certificate, 0o600),
		os.WriteFile(filepath.Join(own, "root.key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600),
		os.WriteFile(filepath.Join(dir, "authorities.crt"), append(system, certificate...), 0o644),
	)
}

// up, down and the rest are `docker compose …` in the installation's directory.
func (in *installation) up(ctx context.Context, args ...string) error {
	_, err := in.run(ctx, in.dir, nil, in.compose, append([]string{"up", "--detach", "--no-build", "--wait", "--scale", "api=2", "--scale", "worker=2"}, args...)...)
	return err
}

func (in *installation) do(ctx context.Context, args ...string) (string, error) {
	return in.run(ctx, in.dir, nil, in.compose, args...)
}

// init makes .env with our image, as the README says, and adds what an operator adds: where the CRM is.
func (in *installation) init(ctx context.Context, more map[string]string) error {
	_, err := in.docker(ctx, "run", "--rm", "--network=none", "--user", fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid()), "--volume", in.dir+":/data",
		"click2call:"+firstVersion, "init", "--public-host", publicHost, "--livekit-host", liveKitHost, "--public-ip", publicIP)
	if err != nil {
		return err
	}
	info, err := os.Stat(in.envFile())
	if err != nil {
		return err
	}
	if info.Mode().Perm() != 0o600 {
		return fmt.Errorf(".env has mode %s", info.Mode())
	}
	return in.set(more)
}

func (in *installation) envFile() string { return filepath.Join(in.dir, ".env") }

// set adds lines to .env; the last one of a name counts.
func (in *installation) set(values map[string]string) error {
	f, err := os.OpenFile(in.envFile(), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("change .env: %w", err)
	}
	for name, value := range values {
		if _, err := fmt.Fprintf(f, "%s=%s\n", name, value); err != nil {
			return errors.Join(fmt.Errorf("change .env: %w", err), f.Close())
		}
	}
	return f.Close()
}

// value is a variable's in .env.
func (in *installation) value(name string) (string, error) {
	text, err := os.ReadFile(in.envFile())
	if err != nil {
		return "", fmt.Errorf("read .env: %w", err)
	}
	found := ""
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			found = value
		}
	}
	return found, nil
}

// container is what docker compose ps says of one.
type container struct {
	ID, Name, Service, State, Health, Image string
}

// containers are all of the project's, running or not.
func (in *installation) containers(ctx context.Context) ([]container, error) {
	out, err := in.do(ctx, "ps", "--all", "--format", "json")
	if err != nil {
		return nil, err
	}
	var all []container
	for line := range strings.Lines(out) {
		var c container
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return nil, fmt.Errorf("read docker compose ps: %w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// state is what docker inspect says of a container.
type state struct {
	Pid          int
	Running      bool
	RestartCount int
	Health       string
}

func (in *installation) inspect(ctx context.Context, id string) (state, error) {
	out, err := in.docker(ctx, "inspect", "--format",
		`{"Pid":{{.State.Pid}},"Running":{{.State.Running}},"RestartCount":{{.RestartCount}},"Health":"{{if .State.Health}}{{.State.Health.Status}}{{end}}"}`, id)
	if err != nil {
		return state{}, err
	}
	var s state
	return s, json.Unmarshal([]byte(out), &s)
}

// newWebhookSecret is a secret as Standard Webhooks has them.
func newWebhookSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand crashes the program instead
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}
