package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sealedV1 marks a value sealed with AES-256-GCM under the one key there is. A later version can name the key it was
// sealed with, so that keys are rotated row by row.
const sealedV1 = "v1:"

// Key seals the secrets that the store keeps. It never prints itself.
type Key [32]byte

// String implements fmt.Stringer without telling the key.
func (Key) String() string { return "[secret key]" }

// GoString implements fmt.GoStringer without telling the key.
func (Key) GoString() string { return "[secret key]" }

// ParseKey reads 32 bytes written in hex (64 characters) or base64 (43 or 44 characters, either alphabet).
func ParseKey(s string) (Key, error) {
	s = strings.TrimSpace(s)
	if raw, err := hex.DecodeString(s); err == nil && len(raw) == len(Key{}) {
		return Key(raw), nil
	}
	unpadded := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	if raw, err := base64.RawStdEncoding.DecodeString(unpadded); err == nil && len(raw) == len(Key{}) {
		return Key(raw), nil
	}
	return Key{}, errors.New("the secret key must be 32 random bytes in hex or base64: make one with `openssl rand -base64 32`")
}

// LoadOrCreateKey reads the key in the file at path, and creates it there first (mode 0600) when there is none.
// Processes that start at the same time get the same key. A file that others may read is an error.
func LoadOrCreateKey(path string) (Key, error) {
	key, err := loadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fmt.Errorf("create key file: %w", err)
	}
	return loadKey(path)
}

func loadKey(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fmt.Errorf("load key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("load key file %s: others may read it: run `chmod 600` on it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("load key file: %w", err)
	}
	key, err := ParseKey(string(text))
	if err != nil {
		return Key{}, fmt.Errorf("load key file %s: %w", path, err)
	}
	return key, nil
}

// createKey writes a whole file and then gives it its name, so that no other process reads half a key.
func createKey(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	var key Key
	_, _ = rand.Read(key[:]) // crypto/rand.Read never fails: it crashes the program instead
	_, werr := fmt.Fprintln(f, base64.StdEncoding.EncodeToString(key[:]))
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

func (k Key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal encrypts a secret for one column, named "table.column": a value copied into another column does not open there.
// The empty secret stays empty.
func (k Key) seal(column, secret string) (string, error) {
	if secret == "" {
		return "", nil
	}
	aead, err := k.aead()
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", column, err)
	}
	return sealedV1 + base64.StdEncoding.EncodeToString(aead.Seal(nil, nil, []byte(secret), []byte(column))), nil
}

// open is the reverse of seal; ErrWrongKey when the value was sealed with another key, or tampered with.
func (k Key) open(column, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	text, ok := strings.CutPrefix(sealed, sealedV1)
	if !ok {
		return "", fmt.Errorf("open %s: it was sealed by a newer version of this program: upgrade", column)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("open %s: the stored value is damaged: set it again: %w", column, err)
	}
	aead, err := k.aead()
	if err != nil {
		return "", fmt.Errorf("open %s: %w", column, err)
	}
	secret, err := aead.Open(nil, nil, raw, []byte(column))
	if err != nil {
		return "", fmt.Errorf("open %s: %w", column, ErrWrongKey)
	}
	return string(secret), nil
}
