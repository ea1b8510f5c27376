package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// notices are those of a user, the first one first.
func notices(t *testing.T, w *importertest.World, address string, filter directory.NoticeFilter) (list []directory.Notice) {
	t.Helper()
	err := w.Directory.Notices(t.Context(), directory.Actor{ID: w.User(address).ID}, filter, func(n directory.Notice) error {
		list = append(list, n)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

// kinds are what a user's notices tell of, by whom and for which import.
func kinds(t *testing.T, w *importertest.World, address string) (list []string) {
	for _, n := range notices(t, w, address, directory.NoticeFilter{}) {
		by := "?"
		for _, name := range []string{"helper@example.org", "operator"} {
			if strings.Contains(n.Text, "by "+name) {
				by = name
			}
		}
		list = append(list, fmt.Sprintf("%s by %s, import %d", n.Kind, by, n.Import))
	}
	return list
}

func setPassword(t *testing.T, w *importertest.World, address, plain string) {
	t.Helper()
	if _, _, err := w.Directory.SetUser(t.Context(), importertest.Operator, record("address", address, "password", plain)); err != nil {
		t.Fatal(err)
	}
}

// "A password set by someone else ends the user's sessions, and the user is told." "A user
// is told who may open the mailbox." (rules.md)
func TestUsersAreToldWhatOthersDo(t *testing.T) {
	w := importertest.New(t)
	helper := directory.Actor{ID: directory.NewID(), Address: "helper@example.org", Role: "Full", Org: "RX1", Door: "console"}
	for _, name := range []string{"anna", "ben", "cy"} {
		w.Add(name+"@example.org", "RX1")
	}
	set := func(values ...string) {
		t.Helper()
		if _, _, err := w.Directory.SetUser(t.Context(), helper, record(values...)); err != nil {
			t.Fatal(err)
		}
	}
	set("address", "anna@example.org", "password", good)
	set("address", "anna@example.org", "title", "Dr")
	set("address", "ben@example.org", "delegate", "anna@example.org")
	set("address", "ben@example.org", "status", "leaver")
	w.Apply(w.Plan("address,password,delegate1\nanna@example.org,"+good+"er,\ncy@example.org,,dan@example.org\ndan@example.org,"+good+",\n",
		importer.Options{Format: "muster", Org: "RX1", SetPasswords: true}))

	for address, want := range map[string][]string{
		"anna@example.org": {"password-set by helper@example.org, import 0", "mailbox-opened by helper@example.org, import 0", "password-set by operator, import 1"},
		"ben@example.org":  {"marked-leaver by helper@example.org, import 0"},
		"cy@example.org":   nil,
		"dan@example.org":  {"mailbox-opened by operator, import 1"},
	} {
		if got := kinds(t, w, address); !slices.Equal(got, want) {
			t.Errorf("%s was told %q, want %q", address, got, want)
		}
	}
	if text := notices(t, w, "anna@example.org", directory.NoticeFilter{})[1].Text; !strings.HasPrefix(text, "ben@example.org may open your mailbox") {
		t.Errorf("of a mailbox: %s", text)
	}
	if err := w.Directory.SetOwnPassword(t.Context(), w.User("cy@example.org").ID, "console", good+"est"); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, w, "cy@example.org"); len(got) > 0 {
		t.Errorf("whoever sets their own password was told %q", got)
	}
}

// Notices are read by whom they are for, and by nobody else.
func TestNoticesAreRead(t *testing.T) {
	w := importertest.New(t)
	for _, name := range []string{"anna", "ben"} {
		w.Add(name+"@example.org", "RX1")
		for range 3 {
			setPassword(t, w, name+"@example.org", fmt.Sprint(good, w.Now.UnixNano()))
		}
	}
	anna, ben := directory.Actor{ID: w.User("anna@example.org").ID}, directory.Actor{ID: w.User("ben@example.org").ID}
	list := notices(t, w, "anna@example.org", directory.NoticeFilter{})
	if page := notices(t, w, "anna@example.org", directory.NoticeFilter{After: list[2].ID, Limit: 1}); len(page) != 1 || page[0].ID != list[1].ID {
		t.Errorf("behind the latest one there is %v, not %v", page, list[1])
	}
	read := func(who directory.Actor, id string) int64 {
		t.Helper()
		n, err := w.Directory.ReadNotices(t.Context(), who, id)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	id := list[1].ID.String()
	if first, again := read(anna, id), read(anna, id); first != 1 || again != 0 {
		t.Errorf("read %d, and again %d", first, again)
	}
	if unread := notices(t, w, "anna@example.org", directory.NoticeFilter{Unread: true}); len(unread) != 2 {
		t.Errorf("not read: %v", unread)
	}
	for _, id := range []string{id, directory.NewID().String(), "all", "%"} {
		if _, err := w.Directory.ReadNotices(t.Context(), ben, id); !directory.NoticeUnknown.Is(err) {
			t.Errorf("ben reads %q: %v", id, err)
		}
	}
	if n, err := w.Directory.UnreadNotices(t.Context(), ben); n != 3 || err != nil {
		t.Errorf("ben has %d new ones, %v", n, err)
	}
	if n := read(anna, ""); n != 2 {
		t.Errorf("read %d at once", n)
	}
}

// Notices go with the user, and when their time is over.
func TestNoticesGo(t *testing.T) {
	w := importertest.New(t)
	w.Add("anna@example.org", "RX1")
	setPassword(t, w, "anna@example.org", good)
	w.Now = w.Now.AddDate(0, 0, directory.NoticeDays+1)
	setPassword(t, w, "anna@example.org", good+"er")
	if list := notices(t, w, "anna@example.org", directory.NoticeFilter{}); len(list) != 1 {
		t.Errorf("after %d days there are %v", directory.NoticeDays, list)
	}
	imp := w.Apply(w.Plan("address\ndan@example.org\ncy@example.org\n", importer.Options{Format: "muster", Org: "RX1"}))
	dan := w.User("dan@example.org").ID
	w.Exec(`INSERT INTO notices (id, recipient, at, kind, import, message) VALUES ($1, $2, 0, 'test', 0, '')`, directory.NewID(), dan)
	if _, err := w.Importer.Undo(t.Context(), importertest.Operator, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	if n := importertest.Ask[int](w, `SELECT count(*) FROM notices WHERE recipient = $1`, dan); n != 0 {
		t.Errorf("a user who is gone has %d notices", n)
	}
}
