//go:build browser

package browser

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const patience = 60 * time.Second

// browser is a page in a Chromium with a fresh profile, and the record of what it asked for and complained of.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	asked      []string
	complaints []string
}

func open(t *testing.T, url string) *browser {
	t.Helper()
	limited, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, _ := chromedp.NewContext(limited)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	b := &browser{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.record))
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS(".opblock")))
	return b
}

func (b *browser) record(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.asked = append(b.asked, e.URL)
	case *log.EventEntryAdded:
		b.complaints = append(b.complaints, e.Entry.Text)
	}
}

// strayedFrom is what the page asked of others than a server, also where the page's policy stopped it.
func (b *browser) strayedFrom(server string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	strayed := slices.DeleteFunc(slices.Clone(b.asked), func(url string) bool {
		return strings.HasPrefix(url, server+"/") || strings.HasPrefix(url, "data:")
	})
	stopped := slices.DeleteFunc(slices.Clone(b.complaints), func(text string) bool { return !strings.Contains(text, "Content Security Policy") })
	if len(b.asked) == 0 || len(strayed)+len(stopped) > 0 {
		return fmt.Errorf("of %d requests these went elsewhere: %q; these were stopped: %q", len(b.asked), strayed, stopped)
	}
	return nil
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(b.t, err, expression)
	return value
}

// waitFor waits until an expression is true.
func (b *browser) waitFor(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[chromedp.Void](expression))
	require.NoError(b.t, err, expression)
}

// text is what an element says, once it is shown.
func (b *browser) text(selector string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS(selector)))
	require.NoError(b.t, err, selector)
	return text
}

// click presses an element by its own method, because the page scrolls to the operation of its link at a time of its own,
// and takes the element from under the mouse.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).click()`, selector)))
}

// search puts words in the place of those that are there, as the page's own framework hears of it.
func (b *browser) search(words string) {
	b.t.Helper()
	const replace = `(words) => {
		const box = document.querySelector('input.search');
		Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, words);
		box.dispatchEvent(new Event('input', {bubbles: true}));
	}`
	b.do(chromedp.WaitVisible(chromedp.CSS("input.search")), chromedp.Evaluate[chromedp.Void](fmt.Sprintf("(%s)(%q)", replace, words)))
}

// authorize gives the page an API key.
func (b *browser) authorize(key string) {
	b.t.Helper()
	b.click(".scheme-container .authorize")
	b.do(chromedp.SendKeys(chromedp.CSS("#auth-bearer-value"), key))
	b.click(`form:has(#auth-bearer-value) button[type="submit"]`)
	b.click(".modal-ux .close-modal")
}

type answer struct {
	status     int
	body, curl string
}

// tryOut sends the request of an operation that is open, and answers what the page then shows.
func (b *browser) tryOut(operation string) answer {
	b.t.Helper()
	in := fmt.Sprintf("#operations-%s ", operation)
	if eval[bool](b, fmt.Sprintf(`document.querySelector(%q) === null`, in+".btn-clear")) {
		b.click(in + ".try-out__btn")
	} else {
		b.click(in + ".btn-clear")
		b.do(chromedp.WaitNotPresent(chromedp.CSS(in + ".live-responses-table")))
	}
	b.click(in + ".execute")
	status, err := strconv.Atoi(b.text(in + ".live-responses-table tbody .response-col_status"))
	require.NoError(b.t, err)
	return answer{status: status, body: b.text(in + ".live-responses-table .highlight-code"), curl: b.text(in + ".curl")}
}
