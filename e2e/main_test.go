package e2e_test

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/setup"
)

// callsAtOnce bounds the parallel tests, and with them the calls under way at once. Calls mostly wait, so that go test's
// own bound, the number of cores, would only make the suite long; with many more LiveKit's SIP service runs out of CPU.
const callsAtOnce = 6

func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", strconv.Itoa(callsAtOnce)); err != nil {
			panic(err) // the flag is gone from package testing
		}
	}
	os.Exit(m.Run())
}

// programs are all that a site runs.
type programs struct {
	servers servers.Binaries
	product string
}

var builtOnce struct {
	sync.Once
	programs
	err error
}

// built installs and builds what is missing, once. E2E_PRODUCT names a built click2call to test instead of the one of
// this directory.
func built(t *testing.T) programs {
	t.Helper()
	builtOnce.Do(func() {
		root, err := filepath.Abs("..")
		if err != nil {
			builtOnce.err = err
			return
		}
		s := setup.Setup{Root: root, Logs: filepath.Join(root, ".lab", "build"), Out: os.Stderr}
		if builtOnce.servers, builtOnce.err = s.Servers(t.Context()); builtOnce.err != nil {
			return
		}
		if builtOnce.product = os.Getenv("E2E_PRODUCT"); builtOnce.product == "" {
			builtOnce.product, builtOnce.err = s.Product(t.Context())
		}
	})
	require.NoError(t, builtOnce.err)
	return builtOnce.programs
}
