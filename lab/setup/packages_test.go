package setup_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/setup"
)

// debian puts programs of our own before the system's, so that apt-get does what script says, and returns a package
// that is there once the file "installed" is.
func debian(t *testing.T, aptGet, sudo string) (setup.Setup, setup.Package, string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range map[string]string{"apt-get": aptGet, "sudo": sudo} {
		text := "#!/bin/sh\ncd " + dir + "\n" + script
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	libfoo := setup.Package{Name: "libfoo", Have: func() bool {
		_, err := os.Stat(filepath.Join(dir, "installed"))
		return err == nil
	}}
	return setup.Setup{Logs: filepath.Join(dir, "logs"), Out: new(bytes.Buffer)}, libfoo, dir
}

// asRoot lets sudo run what it is given, for when the tests do not run as root.
const asRoot = `shift; exec "$@"`

func TestPackagesInstallsOnlyWhatIsMissing(t *testing.T) {
	s, libfoo, dir := debian(t, `echo "$@" >> asked; [ "$1" = install ] && touch installed; exit 0`, asRoot)
	have := setup.Package{Name: "libbar", Have: func() bool { return true }}
	require.NoError(t, s.Packages(t.Context(), have, libfoo))
	asked, err := os.ReadFile(filepath.Join(dir, "asked"))
	require.NoError(t, err)
	require.Equal(t, "update -q\ninstall -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 libfoo\n", string(asked))

	require.NoError(t, os.Remove(filepath.Join(dir, "asked")))
	require.NoError(t, s.Packages(t.Context(), have, libfoo))
	require.NoFileExists(t, filepath.Join(dir, "asked"), "nothing is missing")
}

func TestPackagesSaysWhatAptSaid(t *testing.T) {
	s, libfoo, _ := debian(t, `echo "E: Unable to locate package libfoo"; exit 100`, asRoot)
	err := s.Packages(t.Context(), libfoo)
	require.ErrorContains(t, err, "Unable to locate package libfoo")
	require.ErrorContains(t, err, "apt-get.log")
}

func TestPackagesDoesNotTrustApt(t *testing.T) {
	s, libfoo, _ := debian(t, `exit 0`, asRoot)
	err := s.Packages(t.Context(), libfoo)
	require.ErrorIs(t, err, setup.ErrPackages)
	require.ErrorContains(t, err, "libfoo, although apt-get was content")
}
