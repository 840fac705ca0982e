package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

const (
	envTemplate    = ".env.example"
	envFile        = ".env"
	maxEnvTemplate = 1 << 20
)

// initCommand makes the .env of docker-compose.yml, so that nobody has to make up a secret.
func initCommand() *cobra.Command {
	var host, livekit, ip string
	cmd := &cobra.Command{
		Use: "init", Short: "Write .env for docker-compose.yml from .env.example, with random secrets", Args: cobra.NoArgs,
		Long: "Fills in .env.example in this directory: the two names, the address, and a new random secret wherever one is needed.\n" +
			"An .env that is there is left alone. Only you can read the new one; keep a copy of CLICK2CALL_SECRET_KEY elsewhere.",
		Example: "  click2call init --public-host calls.example.com --livekit-host livekit.example.com --public-ip 203.0.113.10",
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := installation(host, livekit, ip)
			if err != nil {
				return err
			}
			if err := writeEnv(values); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is written. The console's user is admin, its first password is CLICK2CALL_ADMIN_PASSWORD there.\n"+
				"What the CRM sends as X-api-key is CRM_INBOUND_API_KEY. Keep a copy of CLICK2CALL_SECRET_KEY elsewhere. Next: docker compose up -d --wait\n", envFile)
			return err
		},
	}
	cmd.Flags().StringVar(&host, "public-host", "", "the name that the CRM and the agents' browsers use; its DNS record points to this machine")
	cmd.Flags().StringVar(&livekit, "livekit-host", "", "the name of LiveKit, another one that points to this machine")
	cmd.Flags().StringVar(&ip, "public-ip", "", "this machine's public IPv4 address")
	for _, name := range []string{"public-host", "livekit-host", "public-ip"} {
		_ = cmd.MarkFlagRequired(name) // fails for a flag that is not there only
	}
	return cmd
}

var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// installation are the values of a new .env.
func installation(host, livekit, ip string) (map[string]string, error) {
	address, err := netip.ParseAddr(ip)
	switch {
	case !hostName.MatchString(host):
		return nil, fmt.Errorf("--public-host: %q is not a name such as calls.example.com", host)
	case !hostName.MatchString(livekit):
		return nil, fmt.Errorf("--livekit-host: %q is not a name such as livekit.example.com", livekit)
	case host == livekit:
		return nil, errors.New("--livekit-host: must be another name than --public-host; both point to this machine")
	case err != nil || !address.Is4() || address.IsUnspecified() || address.IsLoopback():
		return nil, fmt.Errorf("--public-ip: %q is not an IPv4 address such as 203.0.113.10", ip)
	}
	values := map[string]string{
		"PUBLIC_HOST": host, "LIVEKIT_HOST": livekit, "PUBLIC_IP": ip,
		"CLICK2CALL_SECRET_KEY":     base64.StdEncoding.EncodeToString(random(32)),
		"CLICK2CALL_ADMIN_PASSWORD": rand.Text(),
		"LIVEKIT_API_KEY":           "API" + rand.Text()[:12],
	}
	for _, name := range []string{
		"POSTGRES_PASSWORD", "CLICK2CALL_DB_PASSWORD", "TEMPORAL_DB_PASSWORD", "REDIS_PASSWORD", "LIVEKIT_API_SECRET", "CRM_INBOUND_API_KEY",
	} {
		values[name] = hex.EncodeToString(random(32)) // letters and digits: they become parts of URLs and YAML
	}
	return values, nil
}

func random(bytes int) []byte {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: crypto/rand crashes the program instead
	return b
}

// writeEnv fills in the template. It never writes over a file: the secrets of an installation exist once.
func writeEnv(values map[string]string) error {
	template, err := os.Open(envTemplate)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s here: run this in the directory of docker-compose.yml", envTemplate)
	}
	if err != nil {
		return fmt.Errorf("read the template: %w", err)
	}
	defer func() { _ = template.Close() }()
	text, err := io.ReadAll(io.LimitReader(template, maxEnvTemplate))
	if err != nil {
		return fmt.Errorf("read the template: %w", err)
	}
	filled, err := fill(string(text), values)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(envFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, with the secrets of an installation: it is left as it is", envFile)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", envFile, err)
	}
	_, err = f.WriteString(filled)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", envFile, err), os.Remove(envFile)) // half a file must not look like an installation
	}
	return nil
}

var assignment = regexp.MustCompile(`^#?([A-Z][A-Z0-9_]*)=(.*)$`)

// fill puts values in place of the template's lines that name them, also of those that are commented out. A variable that is required
// and has no value, and a value that has no line, are errors.
func fill(template string, values map[string]string) (string, error) {
	var out strings.Builder
	used := map[string]bool{}
	for line := range strings.Lines(template) {
		m := assignment.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			out.WriteString(line)
			continue
		}
		value, ok := values[m[1]]
		switch {
		case ok:
			used[m[1]] = true
			_, _ = fmt.Fprintf(&out, "%s=%s\n", m[1], value)
		case !strings.HasPrefix(line, "#") && m[2] == "":
			return "", fmt.Errorf("%s asks for %s, which this version does not know: use the files of one version", envTemplate, m[1])
		default:
			out.WriteString(line)
		}
	}
	for name := range values {
		if !used[name] {
			return "", fmt.Errorf("%s has no line for %s: use the files of one version", envTemplate, name)
		}
	}
	return out.String(), nil
}
