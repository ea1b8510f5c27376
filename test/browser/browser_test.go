// Package browser tests the pages of muster serve as people use them: in a real browser,
// Debian's Chromium, at the real program.
//
// What is on a page is found by selectors, never by pixels, and nothing sleeps: what is to come is
// waited for. A tab keeps all that the browser asks for and all that it complains of: the console,
// requests that fail, the Content-Security-Policy. What the pages are made of is fetched
// before the program is built, as "make assets" does.
package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"muster/internal/debian"
	"muster/test/desk"
)

// TestMain makes sure of the browser, and of all that the program is built with.
func TestMain(m *testing.M) {
	err := debian.Programs([]string{"chromium"}, "chromium")
	if err == nil {
		err = fetchAssets()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	desk.Main(m)
}

func fetchAssets() error {
	asked := func(args ...string) *exec.Cmd {
		return exec.Command("make", append(args, "--directory=../..", "assets")...)
	}
	if asked("--question").Run() == nil {
		return nil
	}
	if err := debian.Programs([]string{"npm"}, "npm"); err != nil {
		return err
	}
	if said, err := asked().CombinedOutput(); err != nil {
		return fmt.Errorf("make assets: %w\n%s", err, said)
	}
	return nil
}

// tab is the only tab of a browser.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	requests   []string // by method and URL
}

// patience is how long is waited for what a page is to do.
const patience = time.Minute

// open opens a page.
func open(t *testing.T, url string) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.WindowSize(1280, 1024))
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	b := &tab{t: t}
	b.ctx, _ = chromedp.NewContext(ctx, chromedp.WithListener(b.hear))
	t.Cleanup(func() { chromedp.Cancel(b.ctx) }) // lets it remove its files
	if err := chromedp.Do(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(url))
	return b
}

// hear keeps what the browser tells.
func (b *tab) hear(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.mu.Lock()
		defer b.mu.Unlock()
		b.requests = append(b.requests, e.Request.Method+" "+e.Request.URL)
	case *network.EventLoadingFailed:
		b.complain("not loaded", e)
	case *log.EventEntryAdded:
		b.complain("log", e.Entry)
	case *runtime.EventConsoleAPICalled:
		b.complain("console", e.Args)
	case *runtime.EventExceptionThrown:
		b.complain("exception", e.ExceptionDetails)
	}
}

func (b *tab) complain(of string, what any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, _ := json.Marshal(what)
	b.complaints = append(b.complaints, of+": "+string(text))
}

// do acts. An action that finds what it acts on by a selector waits for it.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ask(b, chromedp.Steps(steps...))
}

// ask acts, and returns what came of it.
func ask[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("%v; the browser complains of %q", err, b.heard().complaints)
	}
	return v
}

// heard is what was kept so far.
func (b *tab) heard() (h struct{ complaints, requests []string }) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h.complaints, h.requests = slices.Clone(b.complaints), slices.Clone(b.requests)
	return h
}

// eval is what an expression is on the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[T](expression))
}

// until waits until an expression is true on the page.
func (b *tab) until(expression string, args ...any) {
	b.t.Helper()
	b.do(chromedp.Poll[chromedp.Void]("!!("+fmt.Sprintf(expression, args...)+")", chromedp.WithPollingTimeout(0))) // ask has one
}

// says waits until an element has a text.
func (b *tab) says(selector, text string) {
	b.t.Helper()
	b.until(`document.querySelector(%q)?.textContent.includes(%q)`, selector, text)
}

// isQuiet asks that there is nothing to complain of but what has been provoked.
func (b *tab) isQuiet(provoked ...string) {
	b.t.Helper()
	for _, c := range b.heard().complaints {
		if !slices.ContainsFunc(provoked, func(p string) bool { return strings.Contains(c, p) }) {
			b.t.Errorf("the browser complains: %s", c)
		}
	}
}

// fitsATelephone asks that the page as it is now is no wider than 360 pixels.
func (b *tab) fitsATelephone() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		b.t.Errorf("on 360 pixels the page is %d wide", wide)
	}
}

// isNowhere asks that a secret went into no URL, and that the browser keeps it nowhere.
func (b *tab) isNowhere(secret string) {
	b.t.Helper()
	for _, place := range append(b.heard().requests, eval[string](b, `JSON.stringify([localStorage, sessionStorage])`)) {
		if strings.Contains(place, secret) {
			b.t.Errorf("the secret stands in %s", place)
		}
	}
}
