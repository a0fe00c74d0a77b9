package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// counts are what a file names. They are counted here without the importer, by the plainest rules that hold for a file
// without mistakes.
type counts struct {
	rows, products, variants, tracked, pictures int
	// units are in stock, over all variants that are counted.
	units int
}

type namedCount struct {
	name string
	// summary is the count's name in the summary that the import prints.
	summary string
	value   int
}

func (c counts) list() []namedCount {
	return []namedCount{
		{"rows", "rows", c.rows}, {"products", "products", c.products}, {"variants", "variants", c.variants},
		{"prices", "prices", c.variants}, {"counted variants", "tracked", c.tracked}, {"pictures", "pictures", c.pictures},
	}
}

func (c *counts) add(other counts) {
	c.rows += other.rows
	c.products += other.products
	c.variants += other.variants
	c.tracked += other.tracked
	c.pictures += other.pictures
	c.units += other.units
}

func countFile(name string) (counts, error) {
	file, err := os.Open(name)
	if err != nil {
		return counts{}, err
	}
	defer func() { _ = file.Close() }()
	reader := csv.NewReader(file)
	header, err := reader.Read()
	if err != nil {
		return counts{}, fmt.Errorf("read header: %w", err)
	}
	columns := map[string]int{}
	for i, column := range header {
		columns[strings.TrimPrefix(column, "\ufeff")] = i
	}
	return countRows(reader, columns)
}

func countRows(reader *csv.Reader, columns map[string]int) (counted counts, err error) {
	handles, pictures := map[string]bool{}, map[string]bool{}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			counted.products, counted.pictures = len(handles), len(pictures)
			return counted, nil
		}
		if err != nil {
			return counts{}, err
		}
		cell := func(column string) string { return record[columns[column]] }
		counted.rows++
		handles[cell("Handle")] = true
		if picture := cell("Image Src"); picture != "" {
			pictures[cell("Handle")+" "+picture] = true
		}
		if cell("Variant Price") == "" {
			continue
		}
		counted.variants++
		if cell("Variant Inventory Tracker") == "shopify" {
			counted.tracked++
			units, err := strconv.Atoi(cell("Variant Inventory Qty"))
			if err != nil {
				return counts{}, fmt.Errorf("quantity of %s: %w", cell("Handle"), err)
			}
			counted.units += max(units, 0)
		}
	}
}

var summaryCount = regexp.MustCompile(`(rows failed|[a-z]+) ([0-9]+)`)

// readSummary reads "rows 3, products 2 (created 2, ...), rows failed 0".
func readSummary(line string) map[string]int {
	summary := map[string]int{}
	for _, found := range summaryCount.FindAllStringSubmatch(line, -1) {
		summary[found[1]], _ = strconv.Atoi(found[2]) // The pattern lets only digits through.
	}
	return summary
}
