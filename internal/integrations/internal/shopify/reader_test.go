package shopify_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
)

func TestRowsOfOneHandleAreOneProduct(t *testing.T) {
	groups := read(t, sheet(t, plain("pot", nil),
		cells{"Handle": "tee", "Title": "Tee", "Option1 Name": "Size", "Option1 Value": "S", "Variant Price": "20"},
		cells{"Handle": "tee", "Option1 Value": "M", "Variant Price": "20"},
		plain("mug", nil)))

	require.Len(t, groups, 3)
	assert.Equal(t, []int{3, 4}, groups[1].Product.Lines)
	assert.Equal(t, 2, groups[1].Rows)
	assert.Equal(t, []string{"TEE_S", "TEE_M"}, skus(groups[1].Product))
	assert.Equal(t, "mug", groups[2].Product.Handle)
}

func TestWindowsLineEndsAreRead(t *testing.T) {
	file := strings.ReplaceAll(sheet(t, plain("pot", nil), plain("mug", nil)), "\n", "\r\n")

	assert.Len(t, read(t, file), 2)
}

func TestLinesAreCountedThroughQuotedNewlines(t *testing.T) {
	groups := read(t, sheet(t, plain("pot", cells{"Body (HTML)": "one\ntwo\nthree"}), plain("mug", cells{"Variant Price": "x"})))

	assert.Equal(t, "one\ntwo\nthree", groups[0].Product.Body)
	assert.Equal(t, []string{"!5 Variant Price"}, found(groups[1].Problems))
}

func TestARowOfAnotherWidthRefusesItsProductAndNoOther(t *testing.T) {
	const file = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n" +
		"tee,Tee,Size,S,20\n" +
		"tee,,,M\n" +
		"tee,,,L,20\n" +
		"mug,Mug,,,5,6\n" +
		"cup,Cup,,,5\n"

	groups := read(t, file)

	require.Len(t, groups, 3)
	assert.Empty(t, groups[0].Product.Variants)
	assert.Equal(t, []string{"!2 ", "!3 ", "!4 "}, found(groups[0].Problems))
	assert.Equal(t, "the row has 4 cells, the header 5", groups[0].Problems[1].Message)
	assert.Equal(t, []string{"product_skipped", "unreadable_row", "product_skipped"}, codes(groups[0].Problems))
	assert.Equal(t, 3, groups[0].Rows)
	assert.Equal(t, []string{"!5 "}, found(groups[1].Problems))
	assert.Equal(t, "cup", groups[2].Product.Handle)
}

func codes(problems []shopify.Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Code)
	}
	return list
}

func TestAMisplacedQuoteCostsItsProductOnly(t *testing.T) {
	const file = "Handle,Title,Variant Price\npot,Pot,3\nmug,5\" mug,4\ncup,Cup,5\n"

	groups := read(t, file)

	require.Len(t, groups, 3)
	assert.Len(t, groups[0].Product.Variants, 1)
	assert.Equal(t, []string{"!3 "}, found(groups[1].Problems))
	assert.Equal(t, "mug", groups[1].Handle)
	assert.Equal(t, "cup", groups[2].Product.Handle)
}

func TestARowWhoseHandleCannotBeReadRefusesTheProductBeforeIt(t *testing.T) {
	const file = "Title,Handle,Variant Price\nTee,tee,20\n5\" mug,mug,4\nCup,cup,5\n"

	groups := read(t, file)

	require.Len(t, groups, 2)
	assert.Empty(t, groups[0].Product.Variants)
	assert.Equal(t, []string{"!2 ", "!3 "}, found(groups[0].Problems))
	assert.Equal(t, "cup", groups[1].Product.Handle)
}

func TestAQuoteThatIsNeverClosedIsReportedWithTheLinesItCosts(t *testing.T) {
	groups := read(t, "Handle,Title,Variant Price\npot,Pot,3\nmug,\"Mug,4\ncup,Cup,5\n")

	require.Len(t, groups, 2)
	assert.Equal(t, "pot", groups[0].Product.Handle)
	require.Len(t, groups[1].Problems, 1)
	assert.Equal(t, 3, groups[1].Problems[0].Row)
	assert.Contains(t, groups[1].Problems[0].Message, "lines 3 to")
}

func TestAnEndlessRowIsGivenUpInBoundedMemory(t *testing.T) {
	row := "mug,\"" + strings.Repeat("x", 10<<20)

	groups := read(t, "Handle,Title,Variant Price\npot,\"Po\nt\",3\n"+row+"\ncup,Cup,5\n")

	require.Len(t, groups, 2)
	assert.Len(t, groups[0].Product.Variants, 1)
	assert.Equal(t, []string{"!4 "}, found(groups[1].Problems))
	assert.Contains(t, groups[1].Problems[0].Message, "nothing behind it was read")
}

func TestAProductWithoutEndIsGivenUpInBoundedMemory(t *testing.T) {
	file := "Handle,Title,Variant SKU,Variant Price\n"
	for range 6000 {
		file += "pot,Pot,,3\n"
	}

	groups := read(t, file+"cup,Cup,,5\n")

	require.Len(t, groups, 2)
	assert.Equal(t, []string{"!5002 Handle"}, found(groups[0].Problems))
	assert.Equal(t, 6000, groups[0].Rows)
	assert.Equal(t, "cup", groups[1].Product.Handle)
}

func TestARowThatIsNoTextIsSkipped(t *testing.T) {
	for _, title := range []string{"M\xfcg", "M\x00g"} {
		groups := read(t, "Handle,Title,Variant Price\npot,Pot,3\nmug,"+title+",4\n")

		assert.Equal(t, []string{"!3 "}, found(groups[1].Problems))
	}
}

func TestBlankRowsAreNoRows(t *testing.T) {
	group := readOne(t, "Handle,Title,Variant Price\n\npot,Pot,3\n,,\n , ,\n")

	assert.Equal(t, 1, group.Rows)
	assert.Empty(t, group.Problems)
	assert.Equal(t, []int{3}, group.Product.Lines)
}

func TestARowWithoutAHandleIsSkipped(t *testing.T) {
	groups := read(t, sheet(t, plain("pot", nil), cells{"Title": "Nobody's", "Variant Price": "1"}))

	require.Len(t, groups, 2)
	assert.Equal(t, []string{"!3 Handle"}, found(groups[1].Problems))
}

func TestAHandleThatCannotStandInALinkIsRespelled(t *testing.T) {
	group := readOne(t, sheet(t, plain("Café_Créme", nil)))

	assert.Equal(t, "cafe-creme", group.Product.Handle)
	assert.Equal(t, []string{"2 Handle"}, found(group.Problems))
}

func TestColumnsThatMeanNothingAreNamed(t *testing.T) {
	const file = "handle,TITLE,Shelf mark,Variant Price,Cost per item,Google Shopping / MPN,Variant Image,,Warehouse,Price / Mars\n"

	parsed, err := shopify.ReadHeader(strings.NewReader(file), noMarkets)

	require.NoError(t, err)
	assert.Equal(t, []string{"Shelf mark", "Warehouse", "Price / Mars"}, parsed.Unknown)
	assert.Equal(t, []string{"Cost per item", "Google Shopping / MPN", "Variant Image"}, parsed.Ignored)
	assert.Empty(t, read(t, file))
}

func TestAFileThatIsNotOfTheFormatIsRefused(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"an empty file", "", "no header"},
		{"no Handle", "Title,Variant Price\nPot,3\n", `"Handle"`},
		{"no Title", "Handle,Variant Price\npot,3\n", `"Title"`},
		{"semicolons", "Handle;Title;Variant Price\npot;Pot;3\n", "semicolons"},
		{"tabs", "Handle\tTitle\tVariant Price\npot\tPot\t3\n", "tabs"},
		{"a column twice", "Handle,Title,Title\n", "twice"},
		{"a column under two names", "Handle,Title,URL handle\n", "twice"},
		{"a header with a loose quote", "Handle,Ti\"tle\n", "no header"},
		{"a header without end", "Handle,Title,\"" + strings.Repeat("x", 2<<20), "no header"},
		{"a thousand and one columns", "Handle,Title" + strings.Repeat(",x", 999) + "\n", "1000 columns"},
		{"a long name", "Handle,Title," + strings.Repeat("x", 256) + "\n", "255 bytes"},
		{"a million semicolons", "a," + strings.Repeat(";", 1<<20-10) + "\n", `"Handle"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := shopify.ReadHeader(strings.NewReader(tt.file), noMarkets)

			require.ErrorIs(t, err, integrations.ErrInvalidFile)
			assert.Contains(t, err.Error(), tt.want)
		})
	}
}

func TestOnlyAProductThatIsActiveAndPublishedIsSold(t *testing.T) {
	for status, want := range map[string]struct{ published, archived bool }{
		"active": {published: true}, "Active": {published: true}, "": {published: true}, "draft": {}, "archived": {archived: true}, "odd": {},
	} {
		group := readOne(t, "Handle,Title,Published,Status,Variant Price\npot,Pot,TRUE,"+status+",3\n")

		assert.Equal(t, want.published, group.Product.Published, status)
		assert.Equal(t, want.archived, group.Product.Archived, status)
	}
	assert.False(t, readOne(t, "Handle,Title,Published,Status,Variant Price\npot,Pot,FALSE,active,3\n").Product.Published)
}

func TestAFileThatBreaksOffIsAnErrorAndNotAnEnd(t *testing.T) {
	broken := errors.New("disk on fire")
	file := sheet(t, plain("pot", nil), plain("mug", nil))
	parsed, err := shopify.ReadHeader(strings.NewReader(file), noMarkets)
	require.NoError(t, err)
	reader := parsed.Products(io.MultiReader(strings.NewReader(file), iotest.ErrReader(broken)), shopify.Position{}, "EUR")

	_, err = reader.Next()
	require.NoError(t, err)
	_, err = reader.Next()

	assert.ErrorIs(t, err, broken)
}

// TestReadingGoesOnFromEveryPlaceBetweenProducts compares what is read in one go with what is read after having stopped.
func TestReadingGoesOnFromEveryPlaceBetweenProducts(t *testing.T) {
	file := "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\r\n" +
		"pot,\"Po\r\nt\",,,3,\r\n" +
		"\r\n,,,,,\r\n" +
		"tee,Tee,Size,S,20,https://pictures.example/a\r\n" +
		"tee,,,M,20,\r\n" +
		"\n" +
		"mug,5\" mug,,,4,\r\n" +
		"cup,Cup,,,x,\r\n" +
		"jar,\"J\n\na\nr\",,,5,\r\n" +
		"lid,Lid,,,5\n" +
		"urn,\"" + strings.Repeat("x", 2<<20) + "\nvat,Vat,,,6\n"
	whole := read(t, file)
	require.Len(t, whole, 7)
	parsed, err := shopify.ReadHeader(strings.NewReader(file), noMarkets)
	require.NoError(t, err)

	for i := range whole {
		from := whole[i].After
		reader := parsed.Products(strings.NewReader(file[from.Offset:]), from, "EUR")
		for _, want := range whole[i+1:] {
			got, err := reader.Next()
			require.NoError(t, err)
			assert.Equal(t, plainly(want), plainly(got), "from %+v", from)
		}
		_, err := reader.Next()
		assert.ErrorIs(t, err, io.EOF)
	}
	assert.Equal(t, []string{"!10 Variant Price"}, found(whole[3].Problems))
	assert.Equal(t, 15, whole[5].Line)
	assert.Equal(t, []string{"!16 "}, found(whole[6].Problems))
	assert.Equal(t, int64(len(file)), whole[6].After.Offset)
}

// plainly leaves out of a group what is not data.
func plainly(g shopify.Group) string {
	return fmt.Sprintf("%s %d %d %v %v %+v %+v", g.Handle, g.Line, g.Rows, g.Product.Title, g.Product.Variants, g.Problems, g.After)
}

func TestAProductIsBoundedInRowsAndInMemory(t *testing.T) {
	picture := func(size int) string { return "pot,,," + strings.Repeat("x", size) + "\n" }
	const head = "Handle,Title,Variant Price,Body (HTML)\npot,Pot,3,\n"
	tests := []struct {
		name  string
		rows  string
		count int
		line  int
	}{
		{"rows", strings.Repeat(picture(1), 5000), 5001, 5002},
		{"bytes", strings.Repeat(picture(1<<20-10), 20), 21, 18},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			groups := read(t, head+tt.rows+"cup,Cup,3,\n")
			require.Len(t, groups, 2)
			require.Equal(t, tt.count, groups[0].Rows)
			require.Len(t, groups[0].Problems, 1)
			require.Equal(t, tt.line, groups[0].Problems[0].Row)
			require.Equal(t, "product_refused", groups[0].Problems[0].Code)
			require.Contains(t, groups[0].Problems[0].Message, "at most 5000 rows and 16 MiB")
			require.Equal(t, "cup", groups[1].Product.Handle)
		})
	}
}

// Each comma of a file is worth sixteen times its size in memory. What is kept of rows that cannot be used may not be.
func TestRowsThatDoNotFitTakeNoMemory(t *testing.T) {
	const head = "Handle,Title,Variant Price\n"
	parsed, err := shopify.ReadHeader(strings.NewReader(head), noMarkets)
	require.NoError(t, err)
	var kept int64
	before := live()
	file := io.MultiReader(strings.NewReader(head+strings.Repeat("pot"+strings.Repeat(",", 1<<20-10)+"\n", 19)),
		readFunc(func([]byte) (int, error) { kept = live() - before; return 0, io.EOF }))
	pot, err := parsed.Products(file, shopify.Position{}, "EUR").Next()
	require.NoError(t, err)
	require.Less(t, kept, int64(96<<20), "the file, and what the reader needs for one such row")
	require.Len(t, pot.Problems, 19)
	require.Equal(t, "pot", pot.Handle)
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// live is how many bytes of the heap are in use.
func live() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestNamesThatTheShopDoesNotTakeAreRefusedAsCells(t *testing.T) {
	groups := read(t, "Handle,Title,Variant SKU,Variant Price\n"+strings.Repeat("h", 256)+",Pot,1,3\ncup,Cup,"+strings.Repeat("s", 256)+",3\n"+
		strings.Repeat("h", 255)+",Pot,"+strings.Repeat("é", 255)+",3\n")
	require.Len(t, groups, 3)
	require.Empty(t, groups[0].Handle)
	require.Equal(t, []string{"!2 Handle"}, found(groups[0].Problems))
	require.Equal(t, []string{"!3 Variant SKU"}, found(groups[1].Problems))
	require.Equal(t, "invalid_cell", groups[1].Problems[0].Code)
	require.Empty(t, groups[2].Problems)
}
