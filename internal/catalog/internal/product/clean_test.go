package product_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

func TestS30CleaningKeepsWhatFormatsAndDropsWhatActs(t *testing.T) {
	clean := product.NewCleaner()
	for html, want := range map[string]string{
		`<p>Soft <strong>cotton</strong><br/></p>`:                          `<p>Soft <strong>cotton</strong><br/></p>`,
		`<ul><li>a</li></ul><table><tr><td colspan="2">b</td></tr></table>`: `<ul><li>a</li></ul><table><tr><td colspan="2">b</td></tr></table>`,
		`<a href="https://example.com/?a=1&amp;b=2">x</a>`:                  `<a href="https://example.com/?a=1&amp;b=2">x</a>`,
		`<a href="/pages/size">x</a>`:                                       `<a href="/pages/size">x</a>`,
		`<a href="mailto:a@example.com">x</a>`:                              `<a href="mailto:a@example.com">x</a>`,
		`<img src="https://example.com/a.jpg" alt="a" width="10">`:          `<img src="https://example.com/a.jpg" alt="a" width="10">`,
		`Fish & chips < 5`:                                                        `Fish &amp; chips &lt; 5`,
		`a<script>alert(1)</script>b`:                                             `ab`,
		`a<style>p{}</style>b`:                                                    `ab`,
		`<p style="color:red" class="x" id="y">a</p>`:                             `<p>a</p>`,
		`<img src=x onerror=alert(1)>`:                                            `<img src="x">`,
		`<a href="javascript:alert(1)">x</a>`:                                     `x`,
		`<a href=" jav&#x09;ascript:alert(1)">x</a>`:                              `x`,
		`<img src="data:image/svg+xml;base64,PHN2Zz4=">`:                          ``,
		`<a href="vbscript:x">x</a>`:                                              `x`,
		`<iframe src="https://example.com"></iframe>a`:                            `a`,
		`<form action="/x"><input name="a"><button>b</button></form>`:             `b`,
		`<svg onload=alert(1)><circle/></svg>`:                                    ``,
		`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style>`: `<table>`,
		`<!-- <img src=x onerror=alert(1)> -->a`:                                  `a`,
		`<object data="x"></object><embed src="x">a`:                              `a`,
		`<base href="https://evil.example">a`:                                     `a`,
		`<p onmouseover="x()" title="t">a</p>`:                                    `<p title="t">a</p>`,
	} {
		assert.Equal(t, want, clean.Clean(html), html)
	}
}

func TestCleaningTwiceIsCleaningOnce(t *testing.T) {
	clean := product.NewCleaner()
	for _, html := range []string{
		`<p>Fish & chips &lt; 5 &amp;amp; "x"</p>`, `<b><i>a</b></i>`, `<p>a<p>b`, `&lt;script&gt;x&lt;/script&gt;`, "a\r\nb\u00a0c", `<td>x`,
	} {
		once := clean.Clean(html)

		assert.Equal(t, once, clean.Clean(once), html)
	}
}
