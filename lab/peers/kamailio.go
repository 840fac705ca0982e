package peers

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"text/template"

	"github.com/click2call/click2call/lab/servers"
)

//go:embed kamailio.cfg
var kamailioConfig string

// password is the trunk's at Kamailio.
const password = "trunk-secret"

// proxy is a Kamailio that serves.
type proxy struct {
	*servers.Process
	port, tlsPort int
}

// newKamailio writes the configuration. Telephones listen on base and the ports after it.
func newKamailio(dir string, a Authority, port, tlsPort, base int) (proxy, error) {
	p := proxy{port: port, tlsPort: tlsPort}
	modules, err := filepath.Glob("/usr/lib/*/kamailio/modules")
	if err != nil || len(modules) == 0 {
		return p, fmt.Errorf("find Kamailio's modules: there are none in /usr/lib; install the package kamailio")
	}
	text, err := template.New("kamailio.cfg").Parse(kamailioConfig)
	if err != nil {
		return p, fmt.Errorf("read kamailio.cfg: %w", err)
	}
	file := filepath.Join(dir, "kamailio.cfg")
	out, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return p, fmt.Errorf("write kamailio.cfg: %w", err)
	}
	defer func() { _ = out.Close() }()
	if err := text.Execute(out, map[string]any{
		"Port": port, "TLSPort": tlsPort, "Base": base, "Dir": dir, "Modules": modules[0] + "/", "Password": password,
	}); err != nil {
		return p, fmt.Errorf("write kamailio.cfg: %w", err)
	}
	tls := fmt.Sprintf("[server:default]\nmethod = TLSv1.2+\ncertificate = %s\nprivate_key = %s\nverify_certificate = no\n\n"+
		"[client:default]\nmethod = TLSv1.2+\nverify_certificate = no\n", a.Certificate, a.Key)
	if err := os.WriteFile(filepath.Join(dir, "tls.cfg"), []byte(tls), 0o600); err != nil {
		return p, fmt.Errorf("write tls.cfg: %w", err)
	}
	p.Process = servers.NewProcess(servers.Spec{
		Name: "Kamailio", Path: "/usr/sbin/kamailio",
		Args:    []string{"-DD", "-E", "-f", file, "-Y", dir, "-P", filepath.Join(dir, "kamailio.pid"), "-m", "64"},
		Env:     []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"},
		Dir:     dir,
		LogFile: filepath.Join(dir, "kamailio.log"),
		Listens: []servers.Listen{{Network: "udp", Port: port}, {Network: "tcp", Port: port}, {Network: "tcp", Port: tlsPort}},
		Ready:   accepts(tlsPort),
	})
	return p, nil
}

// accepts is content when a TCP port does.
func accepts(port int) servers.Probe {
	return func(ctx context.Context) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("knock: %w", err)
		}
		return conn.Close()
	}
}
