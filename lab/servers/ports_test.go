package servers_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/servers"
)

func numbers(p servers.Ports) []int {
	var all []int
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Int:
			all = append(all, int(f.Int()))
		default:
			r := f.Interface().(servers.Range)
			for port := r.First; port <= r.Last; port++ {
				all = append(all, port)
			}
		}
	}
	return all
}

func TestPortsNeverOverlap(t *testing.T) {
	t.Parallel()
	one, releaseOne, err := servers.FreePorts()
	require.NoError(t, err)
	defer releaseOne()
	two, releaseTwo, err := servers.FreePorts()
	require.NoError(t, err)
	defer releaseTwo()

	seen := map[int]bool{}
	for _, ports := range []servers.Ports{servers.DefaultPorts(), one, two} {
		for _, port := range numbers(ports) {
			require.NotZero(t, port)
			require.False(t, seen[port], "port %d is given twice", port)
			seen[port] = true
		}
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, list, wrong string }{
		{"nothing", "", ""},
		{"two", "temporal=7300, product=8090", ""},
		{"unknown", "temporel=7300", `there is no "temporel"`},
		{"no number", "temporal", "name=number"},
		{"too large", "temporal=65536", "name=number"},
		{"a range has no name", "=5", `there is no ""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ports := servers.DefaultPorts()
			err := ports.Override(tt.list)
			if tt.wrong != "" {
				require.ErrorContains(t, err, tt.wrong)
				require.Equal(t, servers.DefaultPorts(), ports)
				return
			}
			require.NoError(t, err)
		})
	}
	ports := servers.DefaultPorts()
	require.NoError(t, ports.Override("temporal=7300, product=8090"))
	require.Equal(t, 7300, ports.Temporal)
	require.Equal(t, 8090, ports.Product)
}
