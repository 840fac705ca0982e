package main

import (
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
)

// dialTemporal connects lazily, so that the api can start, and say so on /readyz, while Temporal is away. It also
// returns the namespace that the client works in. instrument changes the client's options.
func dialTemporal(logger zerolog.Logger, instrument ...func(*client.Options) error) (client.Client, string, error) {
	opts, err := temporalOptions(envconfig.EnvLookupOS)
	if err != nil {
		return nil, "", err
	}
	opts.Logger = log.NewStructuredLogger(slog.New(zerolog.NewSlogHandler(logger.Level(zerolog.WarnLevel))))
	for _, change := range instrument {
		if err := change(&opts); err != nil {
			return nil, "", err
		}
	}
	c, err := client.NewLazyClient(opts)
	if err != nil {
		return nil, "", &configError{"TEMPORAL_ADDRESS", err.Error()}
	}
	return c, opts.Namespace, nil
}

// temporalOptions reads Temporal's own variables as its SDK does. Its error is a *configError.
func temporalOptions(lookup envconfig.EnvLookup) (client.Options, error) {
	opts, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: lookup})
	if err != nil {
		return client.Options{}, &configError{guilty(lookup), err.Error()}
	}
	if err := renewCertificate(opts.ConnectionOptions.TLS, lookup); err != nil {
		return client.Options{}, &configError{guilty(lookup), err.Error()}
	}
	if opts.Namespace == "" {
		opts.Namespace = client.DefaultNamespace
	}
	// gRPC also takes targets with a scheme, such as dns:///temporal:7233; those are its own to judge.
	if _, _, err := net.SplitHostPort(opts.HostPort); err != nil && opts.HostPort != "" && !strings.Contains(opts.HostPort, ":///") {
		return client.Options{}, &configError{"TEMPORAL_ADDRESS", "must be host:port, for example localhost:7233"}
	}
	return opts, nil
}

// guilty names the variable without which the rest can be loaded, because the SDK's errors name none. When no single
// one is at fault it names them all.
func guilty(lookup envconfig.EnvLookup) string {
	loads := func(r envconfig.LoadClientOptionsRequest) bool {
		_, err := envconfig.LoadClientOptions(r)
		return err == nil
	}
	var names []string
	for _, assignment := range lookup.Environ() {
		name, value, _ := strings.Cut(assignment, "=")
		if strings.HasPrefix(name, "TEMPORAL_") && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if loads(envconfig.LoadClientOptionsRequest{EnvLookup: without{lookup, name}}) {
			return name
		}
	}
	// The file is read from its default place without being asked for.
	if len(names) == 0 || loads(envconfig.LoadClientOptionsRequest{EnvLookup: lookup, DisableFile: true}) {
		return "TEMPORAL_CONFIG_FILE"
	}
	return strings.Join(names, ", ")
}

// without is an environment that lacks one variable.
type without struct {
	envconfig.EnvLookup
	name string
}

// Environ implements envconfig.EnvLookup.
func (w without) Environ() []string {
	return slices.DeleteFunc(slices.Clone(w.EnvLookup.Environ()), func(assignment string) bool {
		return strings.HasPrefix(assignment, w.name+"=")
	})
}

// LookupEnv implements envconfig.EnvLookup.
func (w without) LookupEnv(name string) (string, bool) {
	if name == w.name {
		return "", false
	}
	return w.EnvLookup.LookupEnv(name)
}
