package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// TestLostZerosOfIDs: that some ids lack the zero of the others is told of the file.
func TestLostZerosOfIDs(t *testing.T) {
	for _, c := range []struct {
		what string
		ids  string
		want string // of the message; "" for none
	}{
		{"one in six", "01234 01235 01236 01237 1238 41239", "Local ids with fewer than 5 figures: 1, the first in line 6. 5 have 5, and of these 4 begin with a zero."},
		{"two zeros", "0012 0013 0014 0415 4016 17 0018 0019 0020", "Local ids with fewer than 4 figures: 1, the first in line 7. 8 have 4"},
		{"half of them", "01234 01235 1236 1237", ""},
		{"none begins with a zero", "11234 21235 31236 41237 5238", ""},
		{"all of one length", "01234 01235 01236", ""},
		{"longer ones", "01234 01235 01236 01237 123456", ""},
		{"no figures", "S1234 01235 01236 01237 01238 A1", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := importertest.New(t)
			w.Importer.Batch = 2
			var b strings.Builder
			b.WriteString("address,org,local_id\n")
			for i, id := range strings.Fields(c.ids) {
				fmt.Fprintf(&b, "u%d@example.org,RX1,%s\n", i, id)
			}
			imp := w.Plan(b.String(), importer.Options{})
			got := ""
			for _, i := range imp.FileIssues {
				got += i.Code + " " + i.Column + " " + i.Message
			}
			if c.want == "" && got != "" || !strings.Contains(got, c.want) || c.want != "" && !strings.HasPrefix(got, "excel-zero local_id ") {
				t.Errorf("told: %q, want %q", got, c.want)
			}
			if imp.Issues != int64(len(imp.FileIssues)) || imp.Counts["create"] != imp.Rows {
				t.Errorf("%d issues, counts %v", imp.Issues, imp.Counts)
			}
		})
	}
}
