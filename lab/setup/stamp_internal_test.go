package setup

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStampIsThePinnedVersion(t *testing.T) {
	t.Parallel()
	flags, err := KubeAPIServer.flags(filepath.Join("..", "tools", KubeAPIServer.Module))
	require.NoError(t, err)
	require.Regexp(t, `^-s -w -X k8s\.io/component-base/version\.gitVersion=v1\.\d+\.\d+$`, flags)
	plain, err := Etcd.flags("nowhere")
	require.NoError(t, err)
	require.Equal(t, "-s -w", plain)
	_, err = Tool{Package: "example.com/none/cmd/none", Stamp: "x.y"}.flags(filepath.Join("..", "tools", KubeAPIServer.Module))
	require.ErrorContains(t, err, "pins no module")
}
