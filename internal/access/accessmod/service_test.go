package accessmod_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

func TestASecretIsWhoItWasGivenTo(t *testing.T) {
	s := open(t)
	staff := s.key(access.RoleStaff)

	found, err := s.service.Authenticate(t.Context(), access.AuthenticateRequest{Secret: staff.Secret})

	require.NoError(t, err)
	assert.Equal(t, staff.Key.ID, found.ID)
	assert.Equal(t, staff.Key.Scopes, found.Scopes)
	assert.Equal(t, access.RoleStaff, found.Role)
	for _, wrong := range []string{"sk_" + staff.Key.Hint, staff.Secret[:len(staff.Secret)-1], staff.Secret + "a", "sk_' OR true --", "sk_\x00"} {
		require.ErrorIs(t, s.lives(wrong), access.ErrUnauthenticated, wrong)
	}
}

func TestASecretIsNowhereInTheDatabase(t *testing.T) {
	s := open(t)
	const query = `SELECT to_jsonb(k)::text FROM access.api_keys k`
	var stored []string
	require.NoError(t, s.db.Select(t.Context(), &stored, query))

	require.Len(t, stored, 1)
	random := s.owner.Secret[len(access.SecretPrefix):]
	raw, err := base64.RawURLEncoding.DecodeString(random)
	require.NoError(t, err)
	for _, form := range []string{random, hex.EncodeToString([]byte(s.owner.Secret)), hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw)} {
		assert.NotContains(t, stored[0], form)
	}
	hash := sha256.Sum256([]byte(s.owner.Secret))
	assert.Contains(t, stored[0], hex.EncodeToString(hash[:]))
	const plain = `INSERT INTO access.api_keys (id, name, scopes, secret_hash, hint) VALUES ($1, 'n', '{}', $2, 'abcd')`
	_, err = s.db.Exec(t.Context(), plain, ids.New(), []byte(s.owner.Secret))
	assert.True(t, sqldb.Violates(err, "api_keys_secret_is_sha256"), "the table takes nothing but a hash")
}

func TestAKeyWithoutARoleOrANameIsNotMade(t *testing.T) {
	s := open(t)

	_, err := s.service.CreateKey(t.Context(), access.CreateKeyRequest{Name: "n", Role: "god"})
	require.ErrorIs(t, err, access.ErrUnknownRole)
	_, err = s.service.CreateKey(t.Context(), access.CreateKeyRequest{Role: access.RoleOwner})
	require.ErrorIs(t, err, access.ErrInvalidKey)
}

func TestUseIsNotedAboutOnceAMinute(t *testing.T) {
	s := open(t)
	lastUsed := func() *time.Time {
		const query = `SELECT last_used_at FROM access.api_keys`
		var at *time.Time
		require.NoError(t, s.db.Get(t.Context(), &at, query))
		return at
	}
	set := func(seconds int) {
		const query = `UPDATE access.api_keys SET last_used_at = now() - make_interval(secs => $1)`
		_, err := s.db.Exec(t.Context(), query, seconds)
		require.NoError(t, err)
	}
	require.Nil(t, lastUsed())
	require.NoError(t, s.lives(s.owner.Secret))
	require.NotNil(t, lastUsed())

	set(30)
	before := lastUsed()
	require.NoError(t, s.lives(s.owner.Secret))
	assert.Equal(t, before, lastUsed())

	set(90)
	before = lastUsed()
	require.NoError(t, s.lives(s.owner.Secret))
	assert.Greater(t, *lastUsed(), *before)
}

func TestAKeyIsLetInWhileItsRowIsLocked(t *testing.T) {
	s := open(t)
	const lock = `SELECT id FROM access.api_keys FOR UPDATE`

	err := s.db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(t.Context(), lock); err != nil {
			return err
		}
		began := time.Now()
		assert.NoError(t, s.lives(s.owner.Secret))
		assert.Less(t, time.Since(began), 2*time.Second, "it waited for the lock until lock_timeout")
		return nil
	})

	require.NoError(t, err)
}

func TestF11AKeyIsLetInWhileTheDatabaseTakesNoWrites(t *testing.T) {
	s := open(t)
	dsn, err := url.Parse(s.database.ModuleDSN("access"))
	require.NoError(t, err)
	query := dsn.Query()
	query.Set("options", query.Get("options")+" -c default_transaction_read_only=on")
	dsn.RawQuery = query.Encode()
	readOnly, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn.String()})
	require.NoError(t, err)
	defer func() { assert.NoError(t, readOnly.Close()) }()
	module := build(readOnly)

	_, err = module.Service().Authenticate(t.Context(), access.AuthenticateRequest{Secret: s.owner.Secret})
	require.NoError(t, err)
	_, err = module.Service().CreateKey(t.Context(), access.CreateKeyRequest{Name: "n", Role: access.RoleOwner})
	require.ErrorIs(t, err, sqldb.ErrUnavailable)
}

func TestManyUsesAtOnceAreAllLetIn(t *testing.T) {
	s := open(t)

	errs := contracttest.Together(40, func(int) error { return s.lives(s.owner.Secret) })

	for _, err := range errs {
		assert.NoError(t, err)
	}
}

func TestRevokedAtOnceAKeyKeepsTheFirstMoment(t *testing.T) {
	s := open(t)
	location := s.create(`{"name": "Till", "role": "read_only"}`).Header.Get("Location")
	const query = `SELECT revoked_at FROM access.api_keys WHERE name = 'Till'`

	statuses := contracttest.Together(20, func(int) int { return s.as(s.owner.Secret, http.MethodDelete, location, "").Status })

	assert.Equal(t, map[int]int{http.StatusNoContent: 20}, contracttest.Count(statuses))
	var first, later time.Time
	require.NoError(t, s.db.Get(t.Context(), &first, query))
	s.as(s.owner.Secret, http.MethodDelete, location, "").Is(http.StatusNoContent)
	require.NoError(t, s.db.Get(t.Context(), &later, query))
	assert.Equal(t, first, later)
}
