package trouble

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/internal/importer/importertest"
	"muster/internal/password"
	"muster/test/desk"
)

// picture is all that can be told of a directory and of the import that changed
// it. Ids, times and salts are left out: these differ from run to run.
type picture struct {
	directory []string          // users, deleted users and members of groups
	doings    []string          // rows, history, secrets that are kept, passwords that open
	hashes    map[string]string // as the database keeps them, by local id
}

// differs finds ids and times in what commands print.
var differs = regexp.MustCompile(`"(id|updated_at)":"[^"]*",?`)

func (e *errand) picture(t *testing.T, d *desk.Desk, number string) *picture {
	t.Helper()
	p := &picture{hashes: map[string]string{}}
	for pair := range query(t, d, `SELECT local_key, password FROM users`) {
		p.hashes[pair[0]] = pair[1]
	}
	p.directory = slices.Concat(lines(d.Run("user", "list", "--json")), lines(d.Run("user", "list", "--status", "deleted", "--json")))
	for _, path := range e.groups {
		for _, member := range lines(d.Run("group", "show", path, "--org", "RX1", "--json")) {
			p.directory = append(p.directory, path+" "+member)
		}
	}
	slices.Sort(p.directory)
	if number == "" {
		return p
	}
	p.doings = lines(d.Run("show", number, "--rows", "--json"))
	for pair := range query(t, d, `SELECT 'history of '||action, count(*) FROM history GROUP BY action UNION ALL
		SELECT 'secrets of kind '||kind, count(*) FROM import_secrets GROUP BY kind UNION ALL
		SELECT 'the database is', integrity_check FROM pragma_integrity_check`) {
		p.doings = append(p.doings, strings.Join(pair[:], ": "))
	}
	p.doings = append(p.doings, fmt.Sprintf("of the passwords supplied and generated, %d open", e.opens(t, d, number, p.hashes)))
	return p
}

func lines(text string) []string {
	return slices.Collect(strings.Lines(differs.ReplaceAllString(text, "")))
}

// opens counts the passwords, of every tenth that was supplied and of all that
// were generated, that are their users' now.
func (e *errand) opens(t *testing.T, d *desk.Desk, number string, hashes map[string]string) (n int) {
	t.Helper()
	count := func(local, plain string) {
		if ok, _, err := password.Verify(hashes[strings.ToLower(local)], plain); ok && err == nil {
			n++
		}
	}
	for local, plain := range e.supplied {
		if strings.HasSuffix(local, "1") {
			count(local, plain)
		}
	}
	results, err := csv.NewReader(strings.NewReader(d.Run("results", number))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	local, cell := slices.Index(results[0], "Local ID"), slices.Index(results[0], "Password")
	if local < 0 || cell < 0 {
		return n
	}
	for _, row := range results[1:] {
		count(row[local], row[cell])
	}
	return n
}

// query asks the database itself for pairs of texts: what no command tells,
// such as hashes.
func query(t *testing.T, d *desk.Desk, text string) func(yield func([2]string) bool) {
	t.Helper()
	return func(yield func([2]string) bool) {
		db := importertest.Raw(t, d.Database())
		defer db.Close()
		rows, err := db.Query(text)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var pair [2]string
			if err := rows.Scan(&pair[0], &pair[1]); err != nil {
				t.Fatal(err)
			}
			if !yield(pair) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// same compares what is with what should be, and names the first differences.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%s: %d lines, not %d", what, len(got), len(want))
	tell(t, "there is", got, want)
	tell(t, "missing is", want, got)
}

// tell logs the first lines of one list that another does not have.
func tell(t *testing.T, what string, list, other []string) {
	t.Helper()
	there, told := map[string]bool{}, 0
	for _, line := range other {
		there[line] = true
	}
	for _, line := range list {
		if !there[line] && told < 3 {
			told++
			t.Logf("%s %s", what, line)
		}
	}
}
