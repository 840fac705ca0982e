package servers

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestALookAtAPortLeavesItFree: a process that is being started at that moment does not keep the port.
func TestALookAtAPortLeavesItFree(t *testing.T) {
	ports, release, err := FreePorts()
	require.NoError(t, err)
	defer release()
	run := func() error { return exec.CommandContext(t.Context(), "true").Run() }
	require.NoError(t, run()) // before the first one, Go forks once without the lock, to see what the kernel can do (os.checkPidfd)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_ = run()
			}
		}
	}()
	defer func() {
		close(stop)
		<-stopped
	}()
	for range 20_000 {
		require.NoError(t, tryListen(Listen{"tcp", ports.Redis}))
	}
}
