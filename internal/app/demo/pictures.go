package demo

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

const (
	picturePath   = "/media/demo/"
	pictureSuffix = ".svg"
	// pictureSize is width and height in pixels.
	pictureSize = 800
)

//go:embed shapes/*.svg
var shapeFiles embed.FS

// shapes draw one kind of thing each, in the colors of a drawing; the frame goes around all of them.
var shapes = template.Must(template.New("").Funcs(template.FuncMap{"dark": dark, "light": light}).ParseFS(shapeFiles, "shapes/*.svg"))

// drawing says how a product is drawn. Colors are written #rrggbb.
type drawing struct {
	Shape  string `yaml:"shape"`
	Back   string `yaml:"back"`
	Main   string `yaml:"main"`
	Accent string `yaml:"accent"`
	Alt    string `yaml:"alt"`
}

// Picture answers the picture of a product by its file name, which is the product's handle and ".svg".
func Picture(file string) (svg []byte, ok bool) {
	shop, err := readShop()
	handle, isPicture := strings.CutSuffix(file, pictureSuffix)
	if err != nil || !isPicture {
		return nil, false
	}
	i := slices.IndexFunc(shop.products, func(p product) bool { return p.Handle == handle })
	if i < 0 {
		return nil, false
	}
	svg, err = shop.products[i].Picture.render()
	return svg, err == nil
}

func (d drawing) render() ([]byte, error) {
	var shape, framed bytes.Buffer
	if err := shapes.ExecuteTemplate(&shape, d.Shape+pictureSuffix, d); err != nil {
		return nil, err
	}
	frame := struct {
		drawing

		Drawing string
	}{d, shape.String()}
	err := shapes.ExecuteTemplate(&framed, "frame.svg", frame)
	return framed.Bytes(), err
}

// dark mixes a color with black, light with white, by so many percent.
func dark(color string, percent int) (string, error)  { return mix(color, 0x00, percent) }
func light(color string, percent int) (string, error) { return mix(color, 0xff, percent) }

func mix(color string, with, percent int) (string, error) {
	rgb, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 24)
	if err != nil {
		return "", fmt.Errorf("color %q: %w", color, err)
	}
	mixed := "#"
	for shift := 16; shift >= 0; shift -= 8 {
		channel := int(rgb>>shift) & 0xff
		mixed += fmt.Sprintf("%02x", (channel*(100-percent)+with*percent)/100)
	}
	return mixed, nil
}
