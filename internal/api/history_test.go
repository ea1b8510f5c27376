package api_test

import (
	"bytes"
	"slices"
	"testing"

	"muster/client"
)

// TestHistoryIsExported: in one answer, the oldest first, with the filters of the list; and
// a file without entries is one, too.
func TestHistoryIsExported(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	w.Add("bert@example.org", "RX1")
	c := w.as("Super", "RX1")
	ids := func(each func(func(*client.HistoryEntry) error) error) (list []string) {
		t.Helper()
		wants(t, "the history", each(func(e *client.HistoryEntry) error { list = append(list, e.ID+e.Address); return nil }), 0, "")
		return list
	}
	for _, filter := range []client.HistoryFilter{{}, {User: "anna@example.org"}, {Actor: "operator"}, {Door: "nowhere"}} {
		listed := ids(func(f func(*client.HistoryEntry) error) error { return c.History(ctx, filter, f) })
		exported := ids(func(f func(*client.HistoryEntry) error) error { return c.ExportHistory(ctx, filter, f) })
		slices.Reverse(listed)
		if !slices.Equal(listed, exported) || (len(listed) == 0) != (filter.Door != "") {
			t.Errorf("%+v: listed %v, exported %v", filter, listed, exported)
		}
	}
	status, head, body := w.send("GET", "/api/v1/history/export?door=nowhere", w.token("Super", "RX1"), "")
	if status != 200 || body != "" || head.Get("Content-Type") != "application/jsonl" || head.Get("Content-Disposition") != "attachment; filename=history.jsonl" {
		t.Errorf("without entries: %d %v %q", status, head, body)
	}
	wants(t, "the history of nobody", c.ExportHistory(ctx, client.HistoryFilter{User: "nobody@example.org"}, nil), 404, "user-unknown")
}

// TestReportTellsItsUsers: how many they are, of each kind of file.
func TestReportTellsItsUsers(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	w.Add("bert@example.org", "RX1")
	for _, kind := range []string{"csv", "xlsx", "jsonl"} {
		for search, want := range map[string]int64{"": 2, "anna": 1, "zoe": 0} {
			var file bytes.Buffer
			r, err := w.as("Super", "RX1").MailboxReport(ctx, client.UserFilter{Search: search}, kind, &file)
			if err != nil || r.Users != want || r.Name != "mailboxes."+kind {
				t.Errorf("%s of %q: %+v, %v", kind, search, r, err)
			}
		}
	}
}
