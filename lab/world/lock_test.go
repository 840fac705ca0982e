package world_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/world"
)

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "lock")
	release, err := world.Lock(path)
	require.NoError(t, err)

	_, err = world.Lock(path)
	require.ErrorIs(t, err, world.ErrRunning)
	require.ErrorContains(t, err, "kill "+strconv.Itoa(os.Getpid()), "it says who holds it and how to stop it")

	release()
	again, err := world.Lock(path)
	require.NoError(t, err)
	again()
}

func TestLeftoverOfADeadLabIsNoLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	require.NoError(t, os.WriteFile(path, []byte("99999999999\n"), 0o600))
	release, err := world.Lock(path)
	require.NoError(t, err)
	defer release()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(os.Getpid())+"\n", string(text))
}
