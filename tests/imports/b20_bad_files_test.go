package imports

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const small = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Image Src\n"

func TestB20BadFiles(t *testing.T) {
	s := shop.Start(t)
	for _, story := range []struct {
		name string
		tell func(*testing.T, *shop.Shop)
	}{
		{"B20 files that are none are refused as a whole with what to do", filesThatAreNoneAreRefusedAsAWholeWithWhatToDo},
		{"B20 bad rows cost their product and nothing else", badRowsCostTheirProductAndNothingElse},
		{"B20 what is no file is refused by the contract", whatIsNoFileIsRefusedByTheContract},
		{"B20 a report is harmless in a spreadsheet", aReportIsHarmlessInASpreadsheet},
		{"B20 a dry run says what would be and changes nothing", aDryRunSaysWhatWouldBeAndChangesNothing},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(t, s.In(t)) })
	}
}

func filesThatAreNoneAreRefusedAsAWholeWithWhatToDo(t *testing.T, s *shop.Shop) {
	before := goods(t, s)
	for name, tt := range map[string]struct{ file, want string }{
		"Latin-1":          {small + "pot,P\xf6t,,,,3,,,\n", "line 2 is not UTF-8 text; the file may be in Latin-1"},
		"Latin-1, later":   {small + strings.Repeat("pot,Pot,,,,3,,,\n", 100_000) + "mug,M\xfcg,,,,3,,,\n", "line 100002 is not UTF-8"},
		"semicolons":       {strings.ReplaceAll(small, ",", ";") + "pot;Pot\n", "separated by semicolons; save the file as comma-separated"},
		"tabs":             {strings.ReplaceAll(small, ",", "\t"), "separated by tabs"},
		"a wrong header":   {"sku,name,price\n1,Pot,3\n", `no column "Handle"`},
		"no title":         {"Handle,Variant Price\npot,3\n", `no column "Title"`},
		"a column twice":   {"Handle,Title,SKU,Variant SKU\n", "twice"},
		"UTF-16, no mark":  {"H\x00a\x00n\x00d\x00l\x00e\x00,\x00", "not UTF-8 text; save it as CSV"},
		"UTF-32":           {"\xff\xfe\x00\x00H\x00\x00\x00", "UTF-32"},
		"a spreadsheet":    {"PK\x03\x04\x14\x00\x06\x00", "no CSV file"},
		"packed":           {"\x1f\x8b\x08\x00", "no CSV file"},
		"old line ends":    {strings.ReplaceAll(small, "\n", "\r") + "pot,Pot,,,,3,,,\r", "the lines end"},
		"an endless quote": {"Handle,\"Title" + strings.Repeat("x", 3<<20), "no header"},
		"a blank":          {"\n", "no header"},
	} {
		answer := send(s, tt.file)

		assert.Equal(t, http.StatusUnprocessableEntity, answer.Status, name)
		assert.Equal(t, "invalid_file", answer.Code(), name)
		assert.Contains(t, answer.Body.Text("detail"), tt.want, name)
	}
	assert.Equal(t, before, goods(t, s))
	assert.Empty(t, s.Must(http.StatusOK, http.MethodGet, importsPath, nil, shop.Key(s.Owner)).Body.List("data"))
}

func whatIsNoFileIsRefusedByTheContract(t *testing.T, s *shop.Shop) {

	assert.Equal(t, "unsupported_media_type", send(s, "{}", typed("application/json")).Code())
	assert.Equal(t, "unsupported_media_type", send(s, small, shop.Header{Name: "Content-Encoding", Value: "gzip"}).Code())
	assert.Equal(t, "invalid_json", send(s, "").Code())
	assert.Equal(t, "forbidden", send(s, small, shop.Key(s.ReadOnly)).Code())
	assert.Equal(t, "unauthenticated", s.Send(http.MethodPost, importsPath, small, typed("text/csv")).Code())
	wrong := s.Send(http.MethodPost, importsPath+"?format=magento", small, shop.Key(s.Owner), typed("text/csv"))
	assert.Equal(t, "invalid_parameter", wrong.Code())
	assert.Equal(t, http.StatusAccepted, s.Send(http.MethodPost, importsPath, small, shop.Key(s.Staff), typed("text/csv; charset=utf-8")).Status)
}

// badRowsCostTheirProductAndNothingElse has every kind of bad row in one file, between good ones.
func badRowsCostTheirProductAndNothingElse(t *testing.T, s *shop.Shop) {
	bring(t, s, small+"old,Old,,,OLD,5,,,\n")

	id := accept(t, s, small+
		"pot,\"Pot\nof clay\",,,POT,3,shopify,4,\n"+ // 2 and 3: good
		"mug,Mug,,,MUG,three,,,\n"+ // 4: no price
		"tee,Tee,Size,S,TEE-S,20,,,\n"+ // 5: its other row is bad
		"tee,,,M,TEE-M,20,shopify,many,\n"+ // 6
		"cup,Cup,,,CUP,4,,,\n"+ // 7: good
		"jar,Jar,,,JAR,4\n"+ // 8: too few cells
		"jug,Jug,,,JUG,4,,,,,\n"+ // 9: too many
		"lid,L\"id,,,LID,4,,,\n"+ // 10: a quote in the wrong place
		"pot,Pot,,,POT-2,3,,,\n"+ // 11: the handle again
		"pan,Pan,,,CUP,9,,,\n"+ // 12: a SKU of the file again
		"wok,Wok,,,OLD,9,,,\n"+ // 13: a SKU of the shop
		"vat,Vat,Size,S,VAT,9,,,\n"+ // 14
		"vat,,,M,VAT,9,,,\n"+ // 15: a SKU of the product again
		",Nobody,,,NO,9,,,\n"+ // 16: no handle
		"box,,,,BOX,9,,,\n"+ // 17: no title
		"=1+1,=cmd|'/C calc'!A0,,,=SUM(A1),2,,,\n"+ // 18: just text
		"fan,Fan,,,FAN,4,shopify,-3,file:///etc/passwd\n") // 19: goes on without picture and without less than nothing
	found := await(t, s, id, "completed")

	assert.Equal(t, []int64{17, 4, 4, 13}, counts(t, found, "rows", "products", "created", "failed"))
	assert.Equal(t, []string{
		"4 invalid_cell Variant Price", "5 product_skipped", "6 invalid_cell Variant Inventory Qty", "8 unreadable_row", "9 unreadable_row",
		"10 unreadable_row", "11 handle_repeated Handle", "12 sku_taken Variant SKU", "13 sku_taken Variant SKU", "14 product_skipped",
		"15 invalid_cell Variant SKU", "16 invalid_cell Handle", "17 invalid_cell Title", "18 cell_left_out Handle",
		"19 picture_link_refused Image Src", "19 cell_left_out Variant Inventory Qty",
	}, problems(t, s, id))
	all := strings.Join(goods(t, s), "\n")
	assert.Contains(t, all, "product 1-1 | =cmd|'/C calc'!A0")
	assert.Contains(t, all, "Pot\nof clay")
	for _, refused := range []string{"MUG", "TEE", "JAR", "JUG", "LID", "POT-2", "pan", "wok", "VAT", "box", "passwd"} {
		assert.NotContains(t, all, refused)
	}
	assert.Equal(t, int64(4), s.Level("POT").Number(t, "on_hand"))
}

func aReportIsHarmlessInASpreadsheet(t *testing.T, s *shop.Shop) {

	id := accept(t, s, small+"ink,Ink,,,INK,3,shopify,-3,\n")
	await(t, s, id, "completed")

	require.Equal(t, [][]string{{"2", "Variant Inventory Qty", "cell_left_out", "'-3 is counted as 0"}}, report(t, s, id))
}

func aDryRunSaysWhatWouldBeAndChangesNothing(t *testing.T, s *shop.Shop) {
	bring(t, s, small+"mine,Mine,,,MINE,5,,,\nsame,Same,,,SAME,5,,,\n")
	before := goods(t, s)
	file := small + "mine,Mine,,,MINE,6,,,\nsame,Same,,,SAME,5,,,\nnew,New,,,NEW,1,shopify,3,\nbad,Bad,,,SAME,1,,,\ntwin,Twin,,,NEW,1,,,\n"

	answer := send(s, file, shop.Header{Name: "Prefer", Value: "respond-async, dry-run"})
	require.Equal(t, "dry-run", answer.Header.Get("Preference-Applied"))
	dry := await(t, s, answer.Body.Text("id"), "completed")

	assert.Equal(t, true, dry.Get("dry_run"))
	assert.Equal(t, before, goods(t, s))
	assert.Zero(t, s.Int(`SELECT count(*) FROM integrations.import_files f JOIN integrations.imports i ON i.id = f.import_id WHERE i.is_tidy`))
	id := accept(t, s, file)
	done := await(t, s, id, "completed")
	assert.Equal(t, done.Get("counts"), dry.Get("counts"))
	assert.Equal(t, []int64{5, 3, 1, 1, 1, 2}, counts(t, dry, "rows", "products", "created", "updated", "unchanged", "failed"))
	assert.Equal(t, []string{"5 sku_taken Variant SKU", "6 sku_taken Variant SKU"}, problems(t, s, id))
	assert.Equal(t, problems(t, s, id), problems(t, s, answer.Body.Text("id")))
}
