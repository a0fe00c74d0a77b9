// Command make-catalog writes a product file of any size in the product CSV of Shopify, in the header of 2018: the same
// file for the same rows and seed. It keeps no more than a row in memory. About a third of its products have no options,
// half of the variants are counted, and every product links to a picture.
//
//	go run ./scripts/make-catalog --rows 1000000 > catalog.csv
package main

import (
	"bufio"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
)

const bufferBytes = 1 << 20

func main() {
	rows := flag.Int("rows", 10_000, "rows below the header")
	seed := flag.Uint64("seed", 1, "number that everything random comes from")
	pictures := flag.String("pictures", "https://pictures.example", "what the links to pictures begin with")
	flag.Parse()
	out := bufio.NewWriterSize(os.Stdout, bufferBytes)
	maker := &maker{random: rand.New(rand.NewPCG(*seed, *seed)), pictures: *pictures}
	err := maker.write(out, *rows)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func header() []string {
	return []string{"Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published", "Option1 Name", "Option1 Value",
		"Option2 Name", "Option2 Value", "Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty",
		"Variant Inventory Policy", "Variant Price", "Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable",
		"Image Src", "Image Position", "SEO Title"}
}

// maker makes products out of words and numbers.
type maker struct {
	random   *rand.Rand
	pictures string
}

func (m *maker) write(out io.Writer, rows int) error {
	w := csv.NewWriter(out)
	if err := w.Write(header()); err != nil {
		return err
	}
	for number := 1; rows > 0; number++ {
		for _, row := range m.product(number, min(rows, m.variants())) {
			if err := w.Write(row); err != nil {
				return err
			}
			rows--
		}
	}
	w.Flush()
	return w.Error()
}

const (
	mostVariants = 6
	oneOfThree   = 3
)

// variants is how many a product has: one in a third of all cases, else two to six.
func (m *maker) variants() int {
	if m.random.IntN(oneOfThree) == 0 {
		return 1
	}
	return 2 + m.random.IntN(mostVariants-1)
}

func (m *maker) product(number, variants int) [][]string {
	title := m.pick(colors()) + " " + m.pick(things()) + " " + strconv.Itoa(number)
	handle := "made-" + strconv.Itoa(number)
	rows := make([][]string, variants)
	for i := range rows {
		rows[i] = m.variant(handle, i, variants)
	}
	first := rows[0]
	first[1], first[2], first[3], first[4] = title, m.description(title), m.pick(vendors()), m.pick(things())
	first[5], first[6], first[22] = m.pick(colors())+", made", "true", title
	first[7] = "Title"
	if variants > 1 {
		first[7] = "Size"
	}
	first[20], first[21] = fmt.Sprintf("%s/%s.jpg", m.pictures, handle), "1"
	return rows
}

func (m *maker) variant(handle string, i, variants int) []string {
	const cheapest, spread, most, heaviest = 199, 20_000, 200, 5000
	price := cheapest + m.random.IntN(spread)
	row := make([]string, len(header()))
	row[0], row[8] = handle, "Default Title"
	if variants > 1 {
		row[8] = "Size " + strconv.Itoa(i+1)
	}
	row[11] = fmt.Sprintf("%s-%d", handle, i+1)
	row[12] = strconv.Itoa(m.random.IntN(heaviest))
	if m.random.IntN(2) == 0 {
		row[13], row[14] = "shopify", strconv.Itoa(m.random.IntN(most))
	}
	row[15], row[16] = "deny", fmt.Sprintf("%d.%02d", price/100, price%100)
	if m.random.IntN(4) == 0 {
		row[17] = fmt.Sprintf("%d.00", price/100+10)
	}
	row[18], row[19] = "true", "true"
	return row
}

func (m *maker) description(title string) string {
	text := "<p>" + title + " is made for tests.</p>\n<ul>"
	for range 3 + m.random.IntN(5) {
		text += "<li>" + m.pick(colors()) + ", \"" + m.pick(things()) + "\"</li>"
	}
	return text + "</ul>"
}

func (m *maker) pick(from []string) string { return from[m.random.IntN(len(from))] }

func colors() []string {
	return []string{"Amber", "Azure", "Coral", "Crimson", "Emerald", "Indigo", "Ivory", "Jade", "Ochre", "Olive", "Rose", "Umber"}
}

func things() []string {
	return []string{"basket", "blanket", "bowl", "candle", "chair", "clock", "cup", "desk", "frame", "jar", "lamp", "mirror", "mug", "pillow",
		"plate", "pot", "rug", "shelf", "sofa", "stool", "table", "tray", "vase"}
}

func vendors() []string {
	return []string{"Harbor & Co", "Kiln", "Northern Works", "Oak Street", "Quay"}
}
