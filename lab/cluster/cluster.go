package cluster

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/servers"
)

const (
	apiTimeout = 10 * time.Second
	maxAnswer  = 8 << 20
	readyIn    = 2 * time.Minute
)

// Programs are the paths of the built programs.
type Programs struct{ Etcd, APIServer, Helm string }

// cluster is a running API server with its etcd.
type cluster struct {
	dir, url, token string
	etcd, api       *servers.Process
	client          *http.Client
}

// start starts both and returns when the server serves.
func start(ctx context.Context, dir string, p Programs) (*cluster, error) {
	ports, free, err := servers.FreePorts()
	if err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	defer free()
	c := &cluster{dir: dir, token: rand.Text(), url: fmt.Sprintf("https://127.0.0.1:%d", ports.Product)}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	if err := c.files(); err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	etcd := fmt.Sprintf("http://127.0.0.1:%d", ports.Redis)
	peer := fmt.Sprintf("http://127.0.0.1:%d", ports.Temporal)
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	c.etcd = servers.NewProcess(servers.Spec{
		Name: "etcd", Path: p.Etcd, Env: env, Dir: dir, LogFile: c.file("etcd.log"), Ready: servers.HTTPAnswers(etcd+"/health", http.StatusOK),
		Args: []string{
			"--data-dir", c.file("etcd"), "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
		},
	})
	c.api = servers.NewProcess(servers.Spec{
		Name: "kube-apiserver", Path: p.APIServer, Env: env, Dir: dir, LogFile: c.file("kube-apiserver.log"), Ready: c.ready, ReadyIn: readyIn,
		Args: []string{
			"--etcd-servers", etcd, "--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(ports.Product), "--cert-dir", c.file("certificates"),
			"--token-auth-file", c.file("tokens.csv"), "--authorization-mode", "RBAC", "--anonymous-auth=false", "--service-cluster-ip-range", "10.0.0.0/24",
			"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", c.file("accounts.pem"),
			"--service-account-signing-key-file", c.file("accounts.pem"),
		},
	})
	// The server makes its own certificate at the start; both ends are on this machine and the token is random.
	c.client = &http.Client{Timeout: apiTimeout, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // see above
	if err := c.etcd.Start(ctx); err != nil {
		return nil, err
	}
	if err := c.api.Start(ctx); err != nil {
		c.etcd.Stop()
		return nil, err
	}
	return c, nil
}

func (c *cluster) close() {
	c.api.Stop()
	c.etcd.Stop()
}

func (c *cluster) file(name string) string { return filepath.Join(c.dir, name) }

// files are the token of an administrator, the key that signs service accounts, and the configuration of Helm.
func (c *cluster) files() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"tokens.csv":   c.token + ",operator,1,system:masters\n",
		"accounts.pem": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		"kubeconfig": "apiVersion: v1\nkind: Config\ncurrent-context: lab\n" +
			"clusters: [{name: lab, cluster: {server: \"" + c.url + "\", insecure-skip-tls-verify: true}}]\n" +
			"users: [{name: operator, user: {token: " + c.token + "}}]\ncontexts: [{name: lab, context: {cluster: lab, user: operator}}]\n",
	} {
		if err := os.WriteFile(c.file(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) ready(ctx context.Context) error {
	_, err := c.do(ctx, http.MethodGet, "/readyz", nil)
	return err
}

// answerError is an answer other than 2xx.
type answerError struct {
	status  int
	message string
}

func (e *answerError) Error() string { return fmt.Sprintf("HTTP %d: %s", e.status, e.message) }

// do asks the server and decodes an object.
func (c *cluster) do(ctx context.Context, method, path string, in any) (map[string]any, error) {
	body := io.Reader(http.NoBody)
	kind := "application/json"
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	if method == http.MethodPatch {
		kind = "application/merge-patch+json"
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", kind)
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	var out map[string]any
	isJSON := strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json")
	if isJSON {
		if err := json.Unmarshal(text, &out); err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	if resp.StatusCode/100 != 2 {
		message, _ := out["message"].(string)
		return nil, fmt.Errorf("%s %s: %w", method, path, &answerError{resp.StatusCode, message})
	}
	return out, nil
}
