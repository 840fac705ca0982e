package compose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Machine is what a Docker could have changed on this machine, outside of the sandbox.
type Machine struct {
	links, rules, forwarding string
}

// Look remembers how the machine is.
func Look(ctx context.Context) (Machine, error) {
	var m Machine
	for _, l := range []struct {
		to   *string
		args []string
	}{{&m.links, []string{"ip", "-brief", "link"}}, {&m.rules, []string{"iptables-save"}}} {
		out, err := exec.CommandContext(ctx, l.args[0], l.args[1:]...).Output()
		if err != nil {
			return m, fmt.Errorf("look at the machine: %s: %w", l.args[0], err)
		}
		*l.to = withoutComments(string(out))
	}
	forwarding, err := os.ReadFile("/proc/sys/net/ipv4/ip_forward")
	if err != nil {
		return m, fmt.Errorf("look at the machine: %w", err)
	}
	m.forwarding = string(forwarding)
	return m, nil
}

// withoutComments drops the times and packet counts that iptables-save prints.
func withoutComments(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return strings.HasPrefix(l, "#") })
	for i, l := range lines {
		if strings.HasPrefix(l, ":") {
			lines[i], _, _ = strings.Cut(l, " [")
		}
	}
	return strings.Join(lines, "\n")
}

// Traces removes the empty control groups and says what else is left of the sandbox, nil when nothing is. The images stay in the lab's
// directory for the next time; make clean removes them.
func (m Machine) Traces(ctx context.Context, o Options) error {
	var left []string
	groups, _ := filepath.Glob("/sys/fs/cgroup/*/" + cgroup)
	for _, g := range append(groups, "/sys/fs/cgroup/"+cgroup) {
		// Only groups without processes can be removed, and only from the leaves up.
		if err := removeGroups(g); err != nil && !errors.Is(err, os.ErrNotExist) {
			left = append(left, "control group "+g)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return fmt.Errorf("look for traces: %w", err)
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 4 && strings.HasPrefix(fields[4], o.Dir+"/") {
			left = append(left, "mount "+fields[4])
		}
	}
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, c := range commands {
		if text, err := os.ReadFile(c); err == nil && strings.Contains(string(text), filepath.Join(o.Dir, "engine")) {
			left = append(left, "process "+strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	now, err := Look(ctx)
	if err != nil {
		return err
	}
	left = append(left, dockers(m.links, now.links)...)
	left = append(left, dockers(m.rules, now.rules)...)
	if now.forwarding != m.forwarding {
		left = append(left, "ip_forward "+now.forwarding)
	}
	if len(left) > 0 {
		return fmt.Errorf("the sandbox left on this machine: %s", strings.Join(left, "; "))
	}
	_, _ = fmt.Fprintln(o.Out, "  ok    no process, mount, control group, interface or firewall rule is left")
	return nil
}

// dockers are the lines that are new and that a Docker Engine could have written. Other programs may change the network meanwhile.
func dockers(before, now string) []string {
	old := strings.Split(before, "\n")
	return slices.DeleteFunc(strings.Split(now, "\n"), func(l string) bool {
		return slices.Contains(old, l) || !strings.Contains(strings.ToLower(l), "docker") && !strings.Contains(l, "br-")
	})
}

// removeGroups removes a control group with all below it.
func removeGroups(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeGroups(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(dir)
}
