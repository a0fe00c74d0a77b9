package storefrontmod_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// shaky is a store whose database is at the end of a line that can break, and whose clock can be moved.
type shaky struct {
	*store
	line *testdb.Line
	db   *sqldb.DB
	past atomic.Int64 // nanoseconds since the store opened, beside those that passed
	mug  catalog.Product
}

func openShaky(t *testing.T, connections int) *shaky {
	t.Helper()
	s := &shaky{line: testdb.NewLine(t, testdb.New(t).ModuleDSN("storefront"))}
	var err error
	s.db, err = sqldb.Open(t.Context(), sqldb.Config{DSN: s.line.DSN(), MaxOpen: connections})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.db.Close()) })
	s.store = openOn(t, s.db, func() time.Time { return time.Now().Add(time.Duration(s.past.Load())) })
	s.mug = s.owners.stock("Mug", 1200, "S")
	s.refresh(s.mug.ID)
	return s
}

func (s *shaky) path() string {
	return "/store/v1/products/" + ids.Encode(catalog.ProductPrefix, s.mug.ID)
}

func (s *shaky) rename(title string) {
	s.t.Helper()
	s.owners.change(s.mug.ID, func(p *catalog.Product) { p.Title = title })
	s.refresh(s.mug.ID)
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var problem struct{ Code string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem), w.Body)
	require.Equal(t, http.StatusServiceUnavailable, w.Code, w.Body)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.Empty(t, w.Header().Get("Age"))
	return problem.Code
}

func TestWhatWasBrowsedIsStillShownWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 4)
	for _, path := range []string{s.path(), "/store/v1/products?limit=5&q=mug", "/store/v1/collections", "/store/v1/categories"} {
		before := s.get(path)
		require.Equal(t, http.StatusOK, before.Code, before.Body)
		require.Empty(t, before.Header().Get("Age"))

		s.line.Down()
		s.past.Add(int64(90 * time.Second))
		during := s.get(path)
		held := s.get(path, "If-None-Match", before.Header().Get("ETag"))
		s.line.Up()

		require.Equal(t, http.StatusOK, during.Code, path)
		require.Equal(t, before.Body.String(), during.Body.String())
		require.Equal(t, before.Header().Get("ETag"), during.Header().Get("ETag"))
		require.Equal(t, http.StatusNotModified, held.Code)
		if strings.Contains(path, "categories") { // which this store's owners know without a database
			continue
		}
		require.Equal(t, "90", during.Header().Get("Age"), path)
		require.Equal(t, "public, max-age=0", during.Header().Get("Cache-Control"))
		require.Equal(t, "90", held.Header().Get("Age"))
	}
}

func TestTheSameQuestionInAnotherOrderIsTheSameQuestion(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 4)
	s.get("/store/v1/products?limit=5&q=mug")

	s.line.Down()

	require.Equal(t, http.StatusOK, s.get("/store/v1/products?q=mug&limit=5").Code)
	require.Equal(t, "unavailable", problemOf(t, s.get("/store/v1/products?q=mug&limit=6")), "another question")
}

func TestABlackHoleDoesNotHoldUpWhoBrowses(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 4)
	s.get(s.path())

	s.line.Blackhole()
	started := time.Now()
	w := s.get(s.path())

	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.NotEmpty(t, w.Header().Get("Age"))
	require.Less(t, time.Since(started), 4*time.Second)
}

func TestNothingOldIsShownOnceTheDatabaseAnswers(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 4)
	s.get(s.path())
	s.rename("Cup")
	require.Contains(t, s.get(s.path()).Body.String(), "Cup")
	s.line.Down()
	require.Equal(t, http.StatusOK, s.get(s.path()).Code)
	s.line.Up()

	s.rename("Beaker")

	w := s.get(s.path())
	require.Empty(t, w.Header().Get("Age"))
	require.Contains(t, w.Body.String(), "Beaker")
}

func TestWhatAHeaderChoseIsNeitherKeptNorReplaced(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 4)
	s.get(s.path(), "Accept-Language", "en")
	plain := s.path() + "?locale=en&channel=web"
	s.get(plain, "Accept-Language", "de", "X-Publishable-Key", "pk_x")

	s.line.Down()

	require.Equal(t, "unavailable", problemOf(t, s.get(s.path())), "it was chosen by a header")
	require.Equal(t, "unavailable", problemOf(t, s.get(s.path(), "Accept-Language", "en")))
	require.Equal(t, http.StatusOK, s.get(plain).Code, "its address says all that the header could have said")
}

func TestWhatLeftTheShelvesIsForgotten(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 4)
	s.get(s.path())
	s.owners.change(s.mug.ID, func(p *catalog.Product) { p.Status = catalog.StatusArchived })
	s.refresh(s.mug.ID)
	require.Equal(t, http.StatusNotFound, s.get(s.path()).Code)

	s.line.Down()

	require.Equal(t, "unavailable", problemOf(t, s.get(s.path())))
}

func TestWhatIsOlderThanTenMinutesIsNotShown(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 4)
	s.get(s.path())
	s.line.Down()

	s.past.Store(int64(10*time.Minute - 5*time.Second))
	require.Equal(t, http.StatusOK, s.get(s.path()).Code)
	s.past.Store(int64(10*time.Minute + time.Second))
	require.Equal(t, "unavailable", problemOf(t, s.get(s.path())))
}

// A database that answers others is not away.
func TestABusyShopDoesNotShowWhatIsOld(t *testing.T) {
	t.Parallel()
	s := openShaky(t, 1)
	s.get(s.path())

	require.NoError(t, s.db.InTx(t.Context(), func(*sqldb.Tx) error {
		require.Equal(t, "overloaded", problemOf(t, s.get(s.path())))
		return nil
	}))

	require.Equal(t, http.StatusOK, s.get(s.path()).Code)
}
