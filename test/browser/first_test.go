package browser

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"muster/test/desk"
)

const (
	good = "violet-harbour-candle"
	weak = "violet"
)

// TestTheFirstMaster: the printed link makes one Master, by the keyboard alone and on a
// telephone; what is wrong is told on the page and makes nothing.
func TestTheFirstMaster(t *testing.T) {
	t.Parallel()
	d := desk.New(t)
	o := d.Working("serve")
	link, secret := linkOf(t, o)
	b := open(t, link)
	b.fitsATelephone()
	b.wantLabels("Address", "Name", "Password")
	b.isQuiet()

	b.fill("mary@example.org", "Mary Moss", weak)
	b.says("#said[role=status]", "The password has 6 characters; at least 10 are needed.")
	if made := d.Run("user", "list") + d.Run("domain", "list"); strings.Contains(made, "example.org") {
		t.Errorf("a password that is too weak has made\n%s", made)
	}
	if still := eval[string](b, `form.requestSubmit(), said.textContent`); still != "" {
		t.Errorf("when it is sent again, it still says %q", still)
	}
	b.says("#said", "The password")

	b.do(chromedp.Evaluate[chromedp.Void](`password.select()`), chromedp.KeyEvent(good+kb.Enter+kb.Enter))
	b.says("#said", "mary@example.org is the first Master now")
	b.do(chromedp.WaitNotVisible(chromedp.CSS("#form")))
	if status := signIn(t, o, "mary@example.org"); status != http.StatusOK {
		t.Errorf("the first Master signs in: %d", status)
	}

	b.do(chromedp.Reload())
	b.fill("eve@example.org", "Eve Elm", good)
	b.says("#said", "The link was used already")
	if status := signIn(t, o, "eve@example.org"); status != http.StatusUnauthorized {
		t.Errorf("who comes second signs in: %d", status)
	}

	if asked := b.heard().requests; strings.Count(strings.Join(asked, " "), "POST ") != 4 {
		t.Errorf("what is sent four times is asked as %q", asked)
	}
	b.fitsATelephone()
	b.isNowhere(secret)
	b.isQuiet("status of 422", "status of 403")
	o.Stopped(syscall.SIGTERM, 30*time.Second)
	if n := strings.Count(o.Log(), secret); n != 1 { // where it is printed
		t.Errorf("the secret of the link is told %d times:\n%s", n, o.Log())
	}
}

// linkOf is the link that a server has printed, at where it listens, and its secret.
func linkOf(t *testing.T, o *desk.Office) (link, secret string) {
	t.Helper()
	path := regexp.MustCompile(`/first-master#\S+`).FindString(o.Log())
	if path == "" {
		t.Fatalf("no link is printed:\n%s", o.Log())
	}
	_, secret, _ = strings.Cut(path, "#")
	return o.URL() + path, secret
}

// wantLabels asks for the labels of all inputs, in their order.
func (b *tab) wantLabels(want ...string) {
	b.t.Helper()
	got := eval[[]string](b, `Array.from(document.querySelectorAll("input"), i => Array.from(i.labels, l => l.textContent).join())`)
	if !slices.Equal(got, want) {
		b.t.Errorf("the inputs have the labels %q, not %q", got, want)
	}
}

// fill goes through the form of a page just opened by the keyboard, and sends it.
func (b *tab) fill(address, name, password string) {
	b.t.Helper()
	for _, field := range []struct{ id, text string }{{"address", address}, {"name", name}, {"password", password}} {
		b.do(chromedp.KeyEvent(kb.Tab))
		if at := eval[string](b, `document.activeElement.id`); at != field.id {
			b.t.Fatalf("the key Tab leads to %q, not to %s", at, field.id)
		}
		b.do(chromedp.KeyEvent(field.text))
	}
	b.do(chromedp.KeyEvent(kb.Enter))
}

// signIn is the status with which the API answers somebody who signs in.
func signIn(t *testing.T, o *desk.Office, address string) int {
	t.Helper()
	body := fmt.Sprintf(`{"address":%q,"password":%q}`, address, good)
	answer, err := http.Post(o.URL()+"/api/v1/session", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}
