package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/setup"
)

const (
	consoleDir    = "../ui"
	consoleWithin = 12 * time.Minute // all specs, on a machine that has other things to do
)

// TestConsole plays operators and integrators in the console: the Playwright specs of ui/e2e, against a product of their own.
// It does not run beside other tests, because its calls are heard in real time.
func TestConsole(t *testing.T) {
	// What the CRM refuses waits for the replay that a spec makes.
	s := open(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,10m"}})
	s.playwright(t)
}

// playwright runs the console's specs that args choose, all of them when there are none, and fails with what they print.
func (s *site) playwright(t *testing.T, args ...string) {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	require.NoError(t, setup.Setup{Root: root, Logs: filepath.Join(root, ".lab", "build"), Out: os.Stderr}.UIModules(t.Context()))
	chromium, err := exec.LookPath("chromium")
	require.NoError(t, err, "install the package chromium, or run make e2e, which does")
	ctx, cancel := context.WithTimeout(t.Context(), consoleWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"node_modules/@playwright/test/cli.js", "test"}, args...)...)
	cmd.Dir = consoleDir
	cmd.Env = append(os.Environ(), "CHROMIUM="+chromium, "CLICK2CALL_URL="+s.ProductURL(), "CLICK2CALL_PASSWORD="+s.Secrets.AdminPassword,
		"CLICK2CALL_CRM="+s.CRM.URL(), fmt.Sprintf("CLICK2CALL_CARRIER=http://127.0.0.1:%d", s.Ports.CarrierBooks))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it then closes its browser
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "the specs of ui/e2e failed; traces are in ui/test-results\n%s", out)
	t.Logf("%s", out)
}
