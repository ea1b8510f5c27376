package format

import (
	"errors"
	"io"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/table"
)

func userOf(address string, aliases ...string) *directory.User {
	u := &directory.User{Aliases: aliases}
	u.Values[directory.Address] = address
	return u
}

// each calls f for users, and for other ones the second time.
func each(first, second []*directory.User) func(func(*directory.User) error) error {
	return func(f func(*directory.User) error) error {
		users := first
		first = second
		for _, u := range users {
			if err := f(u); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestExport(t *testing.T) {
	ann, ben := userOf("ann@xn--bcher-kva.example", "lee@example.org", "ann@example.org"), userOf("ben@example.org")
	ben.Attributes = []directory.Attribute{{Name: "Floor", Value: "3"}, {Name: "Building", Value: "=East"}}
	ben.Values[directory.Locked] = "true"
	ben.Delegates = []directory.Delegate{{Address: "gone@example.org", Deleted: true}}
	var b strings.Builder
	n, err := Export(&b, table.CSV, each([]*directory.User{ann, ben}, []*directory.User{ann, ben}))
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	lines := strings.Split(b.String(), "\r\n")
	for i, want := range []string{"origin,alias1,alias2,attr.Building,attr.Floor", ",ann@example.org,lee@example.org,,", ",,,'=East,3"} {
		if !strings.HasSuffix(lines[i], want) {
			t.Errorf("line %d is %s, and does not end with %s", i, lines[i], want)
		}
	}
	if !strings.Contains(lines[1], ",ann@bücher.example,") || !strings.Contains(lines[2], ",TRUE,") {
		t.Errorf("%q", lines)
	}
}

// Nothing is left out in silence that came to be after the headings were written.
func TestExportOfWhatChanges(t *testing.T) {
	ann := userOf("ann@example.org")
	more := userOf("ann@example.org", "lee@example.org")
	named := userOf("ann@example.org")
	named.Attributes = []directory.Attribute{{Name: "Floor", Value: "3"}}
	for _, later := range []*directory.User{more, named} {
		_, err := Export(io.Discard, table.CSV, each([]*directory.User{ann}, []*directory.User{later}))
		if !ExportChanged.Is(err) { // export-changed
			t.Errorf("%v", err)
		}
	}
	full := errors.New("disk full")
	if _, err := Export(io.Discard, table.XLSX, func(func(*directory.User) error) error { return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}
