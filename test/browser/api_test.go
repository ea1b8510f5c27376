package browser

import (
	"encoding/json"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"muster/internal/api"
	"muster/test/desk"
)

// tokenOf makes a token of role Basic.
func tokenOf(t *testing.T, d *desk.Desk) string {
	t.Helper()
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(d.Run("token", "add", "--name", "Browser", "--role", "Basic", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	return made.Token
}

// TestTheAPIIsTried: the page shows all operations, and does one with a token that goes
// nowhere but into the header of the request.
func TestTheAPIIsTried(t *testing.T) {
	t.Parallel()
	d := desk.New(t)
	d.Run("domain", "add", "example.org")
	d.Run("user", "add", "anna@example.org", "--name", "Anna Ash")
	secret, o := tokenOf(t, d), d.Working("serve")
	b := open(t, o.URL()+"/api/")
	wantOperations(b)

	b.do(chromedp.Click(chromedp.CSS(".auth-wrapper .authorize")),
		chromedp.SendKeys(chromedp.CSS("#auth-bearer-value"), secret+"\r"),
		chromedp.Click(chromedp.CSS(".close-modal")))
	const users = "#operations-users-list-users "
	b.do(chromedp.Click(chromedp.CSS(users+".opblock-summary-control")),
		chromedp.Click(chromedp.CSS(users+".try-out__btn")),
		chromedp.Click(chromedp.CSS(users+".execute")))
	b.says(users+".live-responses-table .response .response-col_status", "200")
	b.says(users+".live-responses-table .response .response-col_description", `"address": "anna@example.org"`)
	if at := ask(b, chromedp.Location()); strings.Contains(at, secret) {
		t.Errorf("the token stands in the address %s", at)
	}
	b.fitsATelephone()
	b.isNowhere(secret)
	b.isQuiet()
	o.Stopped(syscall.SIGTERM, 30*time.Second)
	if strings.Contains(o.Log(), secret) || !strings.Contains(o.Log(), `"route":"/api/v1/users"`) {
		t.Errorf("the log is\n%s", o.Log())
	}
}

// wantOperations waits for the operations, which have to be those of the specification.
func wantOperations(b *tab) {
	b.t.Helper()
	b.until(`document.querySelector(".opblock")`)
	var want []string
	for _, o := range api.Operations() {
		want = append(want, o.Method+" /api/v1"+o.Path)
	}
	got := eval[[]string](b, `Array.from(document.querySelectorAll(".opblock-summary"), o =>
		o.querySelector(".opblock-summary-method").textContent + " " + o.querySelector(".opblock-summary-path").dataset.path)`)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		b.t.Errorf("the page shows %q, not %q", got, want)
	}
}
