package compose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

const (
	// Addresses of TEST-NET-2 (RFC 5737): nobody's, so that nothing can leave the sandbox by mistake.
	publicIP  = "198.51.100.10" // of the installation
	carrierIP = "198.51.100.20"
	crmIP     = "198.51.100.30"
	outside   = "198.51.100.0/24"

	// Caddy gives names under .internal certificates of an authority of its own.
	publicHost  = "calls.click2call.internal"
	liveKitHost = "livekit.click2call.internal"

	sandboxStops = 20 * time.Second
)

// Enter runs this program again with args as process 1 of namespaces of its own, and returns when it and everything that it started
// are gone: the kernel kills what is left of a process namespace with its first process. env is added to this process's.
func Enter(ctx context.Context, args, env []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("enter the sandbox: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		Setpgid:    true,            // a Ctrl-C reaches it through us
		Pdeathsig:  syscall.SIGKILL, // it fires when the thread that forked ends: see runtime.LockOSThread
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = sandboxStops
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("in the sandbox: %w", err)
	}
	return nil
}

// furnish makes the new namespaces usable: our own view of processes and names, and a network with the addresses of the installation, the
// carrier and the CRM, all on this machine.
func furnish(ctx context.Context, dir string) error {
	if os.Getpid() != 1 {
		return errors.New("furnish the sandbox: this is not one; it is entered by lab compose")
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("furnish the sandbox: make mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NOEXEC|syscall.MS_NODEV, ""); err != nil {
		return fmt.Errorf("furnish the sandbox: mount /proc: %w", err)
	}
	names := map[string]string{
		"/etc/hosts":       "127.0.0.1 localhost\n" + publicIP + " " + publicHost + " " + liveKitHost + "\n",
		"/etc/resolv.conf": "nameserver " + publicIP + "\noptions timeout:1 attempts:1\n", // nobody answers there, at once
	}
	for path, text := range names {
		own := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
			return fmt.Errorf("furnish the sandbox: %w", err)
		}
		if err := syscall.Mount(own, path, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("furnish the sandbox: mount %s: %w", path, err)
		}
	}
	for _, args := range [][]string{
		{"link", "set", "lo", "up"},
		{"link", "add", "outside", "type", "veth", "peer", "name", "world"},
		{"address", "add", publicIP + "/24", "dev", "outside"},
		{"address", "add", carrierIP + "/24", "dev", "outside"},
		{"address", "add", crmIP + "/24", "dev", "outside"},
		{"link", "set", "outside", "up"},
		{"link", "set", "world", "up"},
	} {
		if out, err := exec.CommandContext(ctx, "ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("furnish the sandbox: ip %v: %w: %s", args, err, out)
		}
	}
	return nil
}
