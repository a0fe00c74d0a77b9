package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	secretFile      = "secret_key"
	adminKeyFile    = "admin_key"
	secretBytes     = 32
	privateFileMode = 0o600
	privateDirMode  = 0o755
)

// generatedSecret is the key that a private shop derives tokens from, made when the data directory is new.
func generatedSecret(dataDir string) (string, error) {
	path := filepath.Join(dataDir, secretFile)
	content, err := os.ReadFile(path)
	if err == nil {
		return string(content), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret key: %w", err)
	}
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // It never fails: the runtime ends the program instead.
	secret := base64.RawURLEncoding.EncodeToString(random)
	// The directory can be searched by others: the private PostgreSQL may run as another user.
	if err := os.MkdirAll(dataDir, privateDirMode); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	if err := os.WriteFile(path, []byte(secret), privateFileMode); err != nil {
		return "", fmt.Errorf("keep secret key: %w", err)
	}
	return secret, nil
}
