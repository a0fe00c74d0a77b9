package shopify_test

import (
	"errors"
	"io"
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

func TestRowsOfAHandleThatComesBackAreSkipped(t *testing.T) {
	groups := read(t, sheet(t, plain("pot", nil), plain("mug", nil), plain("pot", nil), cells{"Handle": "pot", "Variant SKU": "X"}))

	require.Len(t, groups, 3)
	assert.Empty(t, groups[2].Product.Variants)
	assert.Equal(t, []string{"!4 Handle", "!5 Handle"}, found(groups[2].Problems))
	assert.Contains(t, groups[2].Problems[0].Message, "pot began at row 2")
}

func TestAByteOrderMarkAndWindowsLineEndsAreRead(t *testing.T) {
	file := "\ufeff" + strings.ReplaceAll(sheet(t, plain("pot", nil), plain("mug", nil)), "\n", "\r\n")

	assert.Len(t, read(t, file), 2)
}

func TestAQuotedMarkBeforeAQuotedHeaderIsRead(t *testing.T) {
	group := readOne(t, "\ufeff\"Handle\",\"Title\",\"Variant Price\"\n\"pot\",\"Pot\",\"3\"\n")

	assert.Equal(t, "Pot", group.Product.Title)
}

func TestLinesAreCountedThroughQuotedNewlines(t *testing.T) {
	groups := read(t, sheet(t, plain("pot", cells{"Body (HTML)": "one\ntwo\nthree"}), plain("mug", cells{"Variant Price": "x"})))

	assert.Equal(t, "one\ntwo\nthree", groups[0].Product.Body)
	assert.Equal(t, []string{"!5 Variant Price"}, found(groups[1].Problems))
}

func TestARowOfAnotherWidthIsSkippedAndDoesNotEndItsProduct(t *testing.T) {
	const file = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n" +
		"tee,Tee,Size,S,20\n" +
		"tee,,,M\n" +
		"tee,,,L,20\n"

	group := readOne(t, file)

	assert.Equal(t, []string{"TEE_S", "TEE_L"}, skus(group.Product))
	assert.Equal(t, []string{"!3 "}, found(group.Problems))
	assert.Equal(t, "the row has 4 cells, the header 5", group.Problems[0].Message)
	assert.Equal(t, 3, group.Rows)
	assert.True(t, group.IsPartial())
}

func TestAMisplacedQuoteCostsItsRowOnly(t *testing.T) {
	const file = "Handle,Title,Variant Price\npot,Pot,3\nmug,5\" mug,4\ncup,Cup,5\n"

	groups := read(t, file)

	require.Len(t, groups, 2)
	assert.Equal(t, []string{"!3 "}, found(groups[0].Problems))
	assert.Equal(t, "cup", groups[1].Product.Handle)
}

func TestAQuoteThatIsNeverClosedIsReportedWithTheLinesItCosts(t *testing.T) {
	group := readOne(t, "Handle,Title,Variant Price\npot,Pot,3\nmug,\"Mug,4\ncup,Cup,5\n")

	assert.Equal(t, "pot", group.Product.Handle)
	require.Len(t, group.Problems, 1)
	assert.Equal(t, 3, group.Problems[0].Row)
	assert.Contains(t, group.Problems[0].Message, "lines 3 to")
}

func TestARowThatIsNotUTF8IsSkipped(t *testing.T) {
	group := readOne(t, "Handle,Title,Variant Price\npot,Pot,3\nmug,M\xfcg,4\n")

	assert.Equal(t, []string{"!3 "}, found(group.Problems))
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

func TestColumnsThatAreNotOfTheFormatAreNamed(t *testing.T) {
	const file = "handle,TITLE,Shelf mark,Variant Price,Cost per item,Google Shopping / MPN,Variant Image,,Warehouse\n"

	reader, err := shopify.NewReader(strings.NewReader(file), "EUR")

	require.NoError(t, err)
	assert.Equal(t, []string{"Shelf mark", "Warehouse"}, reader.UnknownColumns())
	_, err = reader.Next()
	assert.ErrorIs(t, err, io.EOF)
}

func TestTheWholeHeaderIsKnown(t *testing.T) {
	reader, err := shopify.NewReader(strings.NewReader(header), "EUR")

	require.NoError(t, err)
	assert.Empty(t, reader.UnknownColumns())
}

func TestAFileThatIsNotOfTheFormatIsRefused(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"an empty file", "", "no header"},
		{"no Handle", "Title,Variant Price\nPot,3\n", `"Handle"`},
		{"no Title", "Handle,Variant Price\npot,3\n", `"Title"`},
		{"semicolons", "Handle;Title;Variant Price\npot;Pot;3\n", `"Handle"`},
		{"the newer template", "Title,URL handle,SKU,Price\nPot,pot,P,3\n", "newer template"},
		{"a column twice", "Handle,Title,Title\n", "twice"},
		{"a header with a loose quote", "Handle,Ti\"tle\n", "no header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := shopify.NewReader(strings.NewReader(tt.file), "EUR")

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
	file := io.MultiReader(strings.NewReader(sheet(t, plain("pot", nil), plain("mug", nil))), iotest.ErrReader(broken))
	reader, err := shopify.NewReader(file, "EUR")
	require.NoError(t, err)

	_, err = reader.Next()
	require.NoError(t, err)
	_, err = reader.Next()

	assert.ErrorIs(t, err, broken)
}
