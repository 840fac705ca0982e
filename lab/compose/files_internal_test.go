package compose

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func repositoryFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	require.NoError(t, err)
	return text
}

// An image without a stand-in would be pulled, or fail after half an hour of building.
func TestEveryImageHasAStandIn(t *testing.T) {
	t.Parallel()
	names := foreign(string(repositoryFile(t, "docker-compose.yml")), string(repositoryFile(t, "Dockerfile")))
	have := slices.Sorted(maps.Keys(standIns(Programs{})))
	var want []string
	for _, n := range names {
		repository, tag, ok := strings.Cut(n, ":")
		require.True(t, ok, n)
		require.NotEmpty(t, tag, n)
		want = append(want, repository)
	}
	slices.Sort(want)
	require.Equal(t, have, slices.Compact(want))
	for name, s := range standIns(Programs{}) {
		text, err := dockerfiles.ReadFile("images/" + s.images + "/Dockerfile")
		require.NoError(t, err, name)
		require.Contains(t, string(text), "\nFROM "+baseImage+"\n", "%s must not be pulled", name)
		for file := range s.files {
			require.Contains(t, string(text), file, "%s: nothing copies it", name)
		}
	}
}

// What differs from an operator's installation is what the documents say, and no more.
func TestOverrideChangesLittle(t *testing.T) {
	t.Parallel()
	text, err := override(repositoryFile(t, "docker-compose.yml"))
	require.NoError(t, err)
	var file struct {
		Services map[string]map[string]any
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	require.ElementsMatch(t, []string{"caddy", "migrate", "api", "worker", "livekit-sip"}, slices.Collect(maps.Keys(file.Services)))
	for name, s := range file.Services {
		require.Len(t, s, 1, name)
		if name != "livekit-sip" {
			require.Contains(t, s, "volumes", name)
			continue
		}
		body, _ := s["environment"].(map[string]any)["SIP_CONFIG_BODY"].(string)
		require.True(t, strings.HasSuffix(body, "}\nmax_cpu_utilization: 1\n"), body)
		require.Contains(t, body, "nat_1_to_1_ip: ${PUBLIC_IP", "the rest stays")
	}
}

func TestTracesOfADocker(t *testing.T) {
	t.Parallel()
	before := "lo UNKNOWN\neth0 UP\n:DOCKER-OLD - \n"
	require.Empty(t, dockers(before, before))
	require.Empty(t, dockers(before, before+"veth1 UP\n-A INPUT -p tcp -j ACCEPT\n"), "others may change the network")
	require.Equal(t, []string{"docker0 DOWN", ":DOCKER -", "br-1234 UP"}, dockers(before, before+"docker0 DOWN\n:DOCKER -\nbr-1234 UP\n"))
}
