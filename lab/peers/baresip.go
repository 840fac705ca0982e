package peers

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/servers"
)

// newBaresip prepares a telephone that answers every call at once and plays 440 Hz. encryption is its mediaenc: "" or "srtp-mand".
// Commands are taken on the control port.
func newBaresip(dir, name, encryption string, port, rtp, control int) (*servers.Process, error) {
	modules, err := filepath.Glob("/usr/lib/*/baresip/modules")
	if here, _ := filepath.Glob("/usr/lib/baresip/modules"); err == nil {
		modules = append(modules, here...)
	}
	if len(modules) == 0 {
		return nil, fmt.Errorf("find baresip's modules: there are none in /usr/lib; install the package baresip")
	}
	home := filepath.Join(dir, name)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("prepare baresip: %w", err)
	}
	config := fmt.Sprintf(`sip_listen 127.0.0.1:%d
rtp_ports %d-%d
audio_source ausine,440
ausrc_srate 48000
ausrc_channels 2
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
audio_buffer 20-160
module_path %s
module g711.so
module ausine.so
module aubridge.so
module srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%d
`, port, rtp, rtp+9, modules[0], control)
	account := "<sip:cust@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMA"
	if encryption != "" {
		account += ";mediaenc=" + encryption
	}
	for file, text := range map[string]string{"config": config, "accounts": account + "\n", "contacts": "", "uuid": "peers\n"} {
		if err := os.WriteFile(filepath.Join(home, file), []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("prepare baresip: %w", err)
		}
	}
	return servers.NewProcess(servers.Spec{
		Name: "baresip " + name, Path: "/usr/bin/baresip", Args: []string{"-f", home},
		Env: []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + home}, Dir: home,
		LogFile: filepath.Join(dir, name+".log"), Ready: accepts(control), StopGrace: 2 * time.Second,
	}), nil
}

// command has a baresip do something ("hangup"): JSON in a netstring, as its module ctrl_tcp wants it.
func command(ctx context.Context, control int, name string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(control)))
	if err != nil {
		return fmt.Errorf("reach baresip: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return fmt.Errorf("reach baresip: %w", err)
	}
	json := `{"command":"` + name + `"}`
	if _, err := conn.Write([]byte(strconv.Itoa(len(json)) + ":" + json + ",")); err != nil {
		return fmt.Errorf("tell baresip to %s: %w", name, err)
	}
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil {
		return fmt.Errorf("tell baresip to %s: %w", name, err)
	}
	if !strings.Contains(string(answer[:n]), `"ok":true`) {
		return fmt.Errorf("tell baresip to %s: it says %q", name, answer[:n])
	}
	return nil
}
