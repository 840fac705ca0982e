package main

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	repository  = "../.."
	composeFile = repository + "/docker-compose.yml"
	exampleFile = repository + "/.env.example"
)

// The services that run this program.
func ours() []string { return []string{"migrate", "api", "worker"} }

// filled is .env.example as an operator fills it: every required variable, nothing else.
func filled(t *testing.T) map[string]string {
	t.Helper()
	env, err := dotenv.Read(exampleFile)
	require.NoError(t, err)
	for name := range env {
		env[name] = strings.Repeat("ab", 32)
	}
	env["PUBLIC_HOST"], env["LIVEKIT_HOST"], env["PUBLIC_IP"] = "calls.example.com", "livekit.example.com", "192.0.2.10"
	return env
}

func loadCompose(env map[string]string, options ...cli.ProjectOptionsFn) (*types.Project, error) {
	var assignments []string
	for name, value := range env {
		assignments = append(assignments, name+"="+value)
	}
	o, err := cli.NewProjectOptions([]string{composeFile}, append(options, cli.WithEnv(assignments))...)
	if err != nil {
		return nil, err
	}
	return o.LoadProject(context.Background())
}

func compose(t *testing.T) *types.Project {
	t.Helper()
	p, err := loadCompose(filled(t))
	require.NoError(t, err)
	return p
}

// interpolated are the variables that docker-compose.yml takes from .env, and whether it insists.
func interpolated(t *testing.T) map[string]bool {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{composeFile}, cli.WithInterpolation(false), cli.WithoutEnvironmentResolution)
	require.NoError(t, err)
	model, err := o.LoadModel(t.Context())
	require.NoError(t, err)
	all := map[string]bool{}
	for name, v := range template.ExtractVariables(model, template.DefaultPattern) {
		all[name] = v.Required
	}
	p, err := loadCompose(filled(t), cli.WithoutEnvironmentResolution)
	require.NoError(t, err)
	for name, value := range p.Services["api"].Environment {
		if value == nil { // handed through
			all[name] = false
		}
	}
	return all
}

func TestComposeGivesOurServicesWhatConfigKnows(t *testing.T) {
	t.Parallel()
	p := compose(t)
	raw, err := loadCompose(filled(t), cli.WithoutEnvironmentResolution)
	require.NoError(t, err)
	known := map[string]bool{}
	for _, v := range variables(reflect.TypeFor[Config]()) {
		known[v.name] = true
	}
	for _, name := range ours() {
		for variable := range raw.Services[name].Environment {
			require.True(t, known[variable] || strings.HasPrefix(variable, "TEMPORAL_") || strings.HasPrefix(variable, "OTEL_") ||
				variable == "HTTPS_PROXY" || variable == "NO_PROXY", "%s is given %s, which Config does not know", name, variable)
		}
		for variable := range known {
			require.Contains(t, raw.Services[name].Environment, variable, "%s: operators cannot set it in .env", name)
		}
		require.Equal(t, raw.Services["api"].Environment, raw.Services[name].Environment, "%s must share the api's environment", name)

		env := map[string]string{}
		for variable, value := range p.Services[name].Environment {
			if value != nil {
				env[variable] = *value
			}
		}
		cfg, err := parseConfig(env)
		require.NoError(t, err)
		require.True(t, cfg.postgres())
		require.NotEmpty(t, cfg.SecretKey)
		require.NotEmpty(t, cfg.First.CRMInboundAPIKey)
		require.Equal(t, "wss://livekit.example.com", cfg.First.LiveKitURL)
		_, err = temporalOptions(environment(env))
		require.NoError(t, err)
	}
}

func TestComposeHandsThroughWhatIsSet(t *testing.T) {
	t.Parallel()
	env := filled(t)
	env["RING_TIMEOUT"], env["SIP_TRUNK_ID"] = "30s", "ST_one"
	p, err := loadCompose(env)
	require.NoError(t, err)
	for _, name := range ours() {
		require.Equal(t, "30s", *p.Services[name].Environment["RING_TIMEOUT"])
		require.Equal(t, "ST_one", *p.Services[name].Environment["SIP_TRUNK_ID"])
	}
}

func TestComposeInsistsOnWhatIsRequired(t *testing.T) {
	t.Parallel()
	required := 0
	for name, insists := range interpolated(t) {
		if !insists {
			continue
		}
		required++
		env := filled(t)
		env[name] = ""
		_, err := loadCompose(env)
		require.ErrorContains(t, err, "set "+name+" in .env")
	}
	require.Greater(t, required, 8)
}

func TestEnvExampleListsEveryVariable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(exampleFile)
	require.NoError(t, err)
	want := interpolated(t)
	defaults := map[string]string{}
	for _, v := range variables(reflect.TypeFor[Config]()) {
		defaults[v.name] = v.fallback
	}
	assignment := regexp.MustCompile(`^(#?)([A-Z][A-Z0-9_]*)=(.*)$`)
	var have []string
	env := filled(t)
	explained := false // a comment stands above, perhaps with other variables in between
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		m := assignment.FindStringSubmatch(line)
		if m == nil {
			explained = strings.HasPrefix(line, "# ")
			continue
		}
		optional, name, value := m[1] == "#", m[2], m[3]
		have = append(have, name)
		require.True(t, explained, "%s has no comment", name)
		require.Equal(t, want[name], !optional, "%s: what is required is empty, what is not is commented out", name)
		if optional {
			env[name] = value
		}
		if fallback := defaults[name]; optional && fallback != "" {
			require.Equal(t, fallback, value, "%s must show its default", name)
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), have)

	env["HOLD_MUSIC"] = filepath.Join(t.TempDir(), "music.ulaw") // the one example that is a file
	require.NoError(t, os.WriteFile(env["HOLD_MUSIC"], make([]byte, 8000), 0o600))
	p, err := loadCompose(env) // the examples must be good values
	require.NoError(t, err)
	for _, name := range []string{"api", "worker"} {
		good := map[string]string{}
		for variable, value := range p.Services[name].Environment {
			if value != nil {
				good[variable] = *value
			}
		}
		_, err = parseConfig(good)
		require.NoError(t, err)
	}
}

func TestComposeServicesCanBeScaled(t *testing.T) {
	t.Parallel()
	p := compose(t)
	for _, name := range []string{"api", "worker"} {
		s := p.Services[name]
		require.Empty(t, s.ContainerName, name)
		require.Empty(t, s.Ports, name)
		require.Empty(t, s.NetworkMode, name)
		require.Empty(t, s.Volumes, name)
		require.NotNil(t, s.HealthCheck, name)
		require.Equal(t, "/usr/local/bin/click2call", s.HealthCheck.Test[1])
		requireCommand(t, s.HealthCheck.Test[2:])
		requireCommand(t, s.Command)
		require.Greater(t, time.Duration(*s.HealthCheck.Timeout), healthcheckTimeout, name)
	}
	requireCommand(t, p.Services["migrate"].Command)
	require.Greater(t, time.Duration(*p.Services["api"].StopGracePeriod), drainTimeout)
	require.Greater(t, time.Duration(*p.Services["worker"].StopGracePeriod), stopTimeout)
}

// requireCommand wants args to be a command of this program.
func requireCommand(t *testing.T, args []string) {
	t.Helper()
	cmd, rest, err := rootCommand().Find(args)
	require.NoError(t, err)
	require.Equal(t, args[0], cmd.Name())
	require.NoError(t, cmd.ParseFlags(rest))
}

func TestComposeStartsThingsInOrder(t *testing.T) {
	t.Parallel()
	p := compose(t)
	oneShot := map[string]bool{"migrate": true, "temporal-schema": true, "temporal-namespace": true}
	for name, s := range p.Services {
		if oneShot[name] {
			require.Equal(t, types.RestartPolicyOnFailure, s.Restart, name)
		} else {
			require.Equal(t, types.RestartPolicyUnlessStopped, s.Restart, name)
			require.NotNil(t, s.HealthCheck, name)
			require.False(t, s.HealthCheck.Disable, name)
		}
		for other, d := range s.DependsOn {
			want := types.ServiceConditionHealthy
			if oneShot[other] {
				want = types.ServiceConditionCompletedSuccessfully
			}
			require.Equal(t, want, d.Condition, "%s waits for %s", name, other)
		}
	}
	for _, name := range []string{"api", "worker"} {
		require.Contains(t, p.Services[name].DependsOn, "migrate")
		require.Contains(t, p.Services[name].DependsOn, "temporal-namespace")
	}
}

func TestComposeIsPinnedToWhatTheLabRuns(t *testing.T) {
	t.Parallel()
	p := compose(t)
	tag := regexp.MustCompile(`:v?[0-9]+\.[0-9]+`)
	for name, s := range p.Services {
		if !slices.Contains(ours(), name) {
			require.Regexp(t, tag, s.Image, name)
		}
		require.NotContains(t, s.Image, "latest", name)
	}
	for module, want := range map[string]string{
		"livekit":     "github.com/livekit/livekit-server " + imageTag(t, p, "livekit"),
		"livekit-sip": "github.com/livekit/sip " + imageTag(t, p, "livekit-sip"),
		"temporal":    "go.temporal.io/server v" + imageTag(t, p, "temporal"),
	} {
		text, err := os.ReadFile(filepath.Join(repository, "lab", "tools", module, "go.mod"))
		require.NoError(t, err)
		require.Contains(t, string(text), want, "the lab tests another version than docker-compose.yml runs")
	}
	require.Contains(t, p.Services["temporal-schema"].Image, ":"+imageTag(t, p, "temporal")+"-")
}

func imageTag(t *testing.T, p *types.Project, service string) string {
	t.Helper()
	_, tag, ok := strings.Cut(p.Services[service].Image, ":")
	require.True(t, ok)
	return tag
}

func TestComposeKeepsSecretsIn(t *testing.T) {
	t.Parallel()
	p := compose(t)
	for name, s := range p.Services {
		for _, port := range s.Ports {
			if name != "caddy" || port.Published == "8080" {
				require.Equal(t, "127.0.0.1", port.HostIP, "%s must publish %s on this machine only", name, port.Published)
			}
		}
	}
	for _, name := range ours() {
		s := p.Services[name]
		require.True(t, s.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, s.CapDrop, name)
	}
}

func TestComposeMountsWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, s := range compose(t).Services {
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				require.FileExists(t, exampleFile)
				_, err := os.Stat(v.Source)
				require.NoError(t, err, name)
				require.True(t, v.ReadOnly, "%s: %s", name, v.Source)
			}
		}
	}
}

// The settings of LiveKit that the design rests on, and that its two services agree.
func TestComposeConfiguresLiveKit(t *testing.T) {
	t.Parallel()
	p, env := compose(t), filled(t)
	var server struct {
		Redis   struct{ Address, Password string }
		Keys    map[string]string
		Webhook struct {
			APIKey string `yaml:"api_key"`
			URLs   []string
		}
		RTC struct {
			NodeIP string `yaml:"node_ip"`
		}
		Room struct {
			AutoCreate *bool `yaml:"auto_create"`
		}
		API struct {
			PSRPC bool `yaml:"enable_psrpc_for_get_list_participants"`
		}
	}
	var sip struct {
		Redis     struct{ Address, Password string }
		APIKey    string `yaml:"api_key"`
		APISecret string `yaml:"api_secret"`
		NAT       string `yaml:"nat_1_to_1_ip"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(*p.Services["livekit"].Environment["LIVEKIT_CONFIG"]), &server))
	require.NoError(t, yaml.Unmarshal([]byte(*p.Services["livekit-sip"].Environment["SIP_CONFIG_BODY"]), &sip))
	require.NotNil(t, server.Room.AutoCreate)
	require.False(t, *server.Room.AutoCreate)
	require.True(t, server.API.PSRPC)
	require.Equal(t, map[string]string{env["LIVEKIT_API_KEY"]: env["LIVEKIT_API_SECRET"]}, server.Keys)
	require.Equal(t, server.Keys, map[string]string{sip.APIKey: sip.APISecret})
	require.Equal(t, env["LIVEKIT_API_KEY"], server.Webhook.APIKey)
	require.Equal(t, env["PUBLIC_IP"], server.RTC.NodeIP)
	require.Equal(t, env["PUBLIC_IP"], sip.NAT)
	require.Equal(t, server.Redis, sip.Redis)
	require.Equal(t, env["REDIS_PASSWORD"], sip.Redis.Password)
	redis := p.Services["redis"].Ports[0]
	require.Equal(t, redis.HostIP+":"+redis.Published, sip.Redis.Address)
	local := p.Services["caddy"].Ports[3]
	require.Equal(t, []string{"http://" + local.HostIP + ":" + local.Published + "/webhooks/livekit"}, server.Webhook.URLs)
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	require.NoError(t, err)
	dockerfile := string(text)
	for _, m := range regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+)`).FindAllStringSubmatch(dockerfile, -1) {
		require.Regexp(t, `^(scratch|\S+:[0-9]+\.[0-9]+\.[0-9]+\S*)$`, m[1])
	}
	require.NotRegexp(t, `(?m)^# *syntax *=`, dockerfile, "an image more to pull before anything is built; the builder's own frontend knows all that is used here")
	require.Regexp(t, `(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`, dockerfile)
	require.Contains(t, dockerfile, "-X main.version=${VERSION}")
	for _, command := range []string{"HEALTHCHECK", "CMD"} {
		m := regexp.MustCompile(`(?m)^` + command + ` .*\[(.+)\]$`).FindStringSubmatch(dockerfile)
		require.Len(t, m, 2, command)
		args := strings.Split(strings.ReplaceAll(m[1], `"`, ""), ", ")
		if args[0] == "/usr/local/bin/click2call" {
			args = args[1:]
		}
		requireCommand(t, args)
	}
}

// The build context must hold every package that the program is built from, and no secrets.
func TestDockerignore(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, ".dockerignore"))
	require.NoError(t, err)
	rules := strings.Fields(regexp.MustCompile(`(?m)^#.*$`).ReplaceAllString(string(text), ""))
	require.Equal(t, "*", rules[0], "what is not named stays out")
	require.Contains(t, rules, "**/.env")
	require.Contains(t, rules, "**/*.key")
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", ".")
	out, err := list.Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	require.Contains(t, packages, "github.com/click2call/click2call/api")
	for _, path := range packages {
		folder := strings.TrimPrefix(path, "github.com/click2call/click2call/")
		require.True(t, slices.ContainsFunc(rules, func(rule string) bool {
			kept, ok := strings.CutPrefix(rule, "!")
			return ok && (folder == kept || strings.HasPrefix(folder, kept+"/"))
		}), "the image cannot be built without %s: name it in .dockerignore", folder)
	}
}
