// Package secrets writes known passwords through every command, and then looks
// for them in all that Muster leaves behind: the database and its journal, the
// outputs, the kept files. They are found nowhere but where the organisation's
// setting puts them.
package secrets

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/internal/app"
	"muster/internal/cli"
	"muster/internal/importer/importertest"
	"muster/internal/table"
)

// muster is a Muster in a folder of its own whose every output is kept.
type muster struct {
	t       *testing.T
	folder  string // what Muster may write to
	env     []string
	input   string // the files that are sent; passwords stand there
	outputs map[string][]byte
}

func newMuster(t *testing.T) *muster {
	m := &muster{t: t, folder: t.TempDir(), input: t.TempDir(), outputs: map[string][]byte{}}
	m.env = importertest.Environment(t, m.folder)
	m.run("", 0, "org", "add", "RX1", "--name", "Riverside")
	m.run("", 0, "domain", "add", "example.org", "--org", "RX1")
	return m
}

// run runs a command, which has to end with a status, and returns what it wrote
// to standard output.
func (m *muster) run(stdin string, status int, args ...string) string {
	m.t.Helper()
	in := m.pipe("stdin", stdin)
	out, errs := m.pipe("stdout", ""), m.pipe("stderr", "")
	got := app.Command(context.Background(), &cli.Process{Args: args, Stdin: in, Stdout: out, Stderr: errs, Version: "test",
		Env: append(slices.Clip(m.env), "HOME="+m.folder)})
	text, problems := content(m.t, out), content(m.t, errs)
	m.outputs[strings.Join(args, " ")] = append(text, problems...)
	if got != status {
		m.t.Fatalf("muster %s ended with %d, not %d: %s%s", strings.Join(args, " "), got, status, text, problems)
	}
	return string(text)
}

func (m *muster) pipe(name, text string) *os.File {
	m.t.Helper()
	f, err := os.CreateTemp(m.input, name)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		_, err = f.Seek(0, 0)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { f.Close() })
	return f
}

func content(t *testing.T, f *os.File) []byte {
	t.Helper()
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// file writes a file to be sent.
func (m *muster) file(name, text string) string {
	path := filepath.Join(m.input, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return path
}

// places returns where a secret is found, in any form that a careless program
// leaves: as it is, as UTF-16, in hexadecimal, in base64, as JSON.
func (m *muster) places(secret string) (found []string) {
	m.t.Helper()
	look := func(where string, b []byte) {
		for form, text := range forms(secret) {
			if bytes.Contains(b, []byte(text)) {
				found = append(found, where+" ("+form+")")
			}
		}
	}
	for command, output := range m.outputs {
		look("the output of muster "+command, output)
	}
	for place, content := range importertest.Kept(m.t, strings.TrimPrefix(m.env[0], "MUSTER_DATABASE=")) {
		look(place, content)
	}
	err := filepath.WalkDir(m.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		look(filepath.Base(path), b)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

func forms(secret string) map[string]string {
	var wide strings.Builder
	for _, c := range []byte(secret) {
		wide.Write([]byte{c, 0})
	}
	forms := map[string]string{"as it is": secret, "UTF-16": wide.String(), "hexadecimal": hex.EncodeToString([]byte(secret))}
	// Base64 of a part, at each of the three alignments, without its edges.
	for shift := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		forms["base64 "+string(rune('0'+shift))] = encoded[4 : len(encoded)-4]
	}
	return forms
}

func (m *muster) wantNowhere(secret, what string) {
	m.t.Helper()
	for _, place := range m.places(secret) {
		m.t.Errorf("%s stands in %s", what, place)
	}
}

const nhsmail = "ID,Local ID,Status,Title,First Name,Last Name,Display Name,Job Title,Department,Telephone,Mobile,Pager,Fax,Notes,Organisation ODSCode,Organisational Unit,Mailbox Size,Password\n"

// The search finds what is there: without this, the rest would prove nothing.
func TestTheSearchFindsSecrets(t *testing.T) {
	m := newMuster(t)
	for form, text := range forms("Correct-Horse-Battery") {
		name := filepath.Join(m.folder, "careless")
		if err := os.WriteFile(name, []byte("x"+text+"y"), 0o600); err != nil {
			t.Fatal(err)
		}
		if len(m.places("Correct-Horse-Battery")) == 0 {
			t.Errorf("a secret written %s is not found", form)
		}
	}
}

func TestSuppliedPasswords(t *testing.T) {
	m := newMuster(t)
	applied := m.file("applied.csv", nhsmail+",R1,,,Ann,Lee,,,,,,,,,RX1,,,Quartz-Applied-77\n")
	m.run("", 0, "import", applied, "--yes")
	m.run("", 0, "results", "1")
	m.run("", 0, "plan", m.file("planned.csv", "address,password\npaula@example.org,Quartz-Planned-77\n"), "--org", "RX1")
	m.run("", 0, "plan", m.file("cancelled.csv", "address,password\ncarol@example.org,Quartz-Cancelled-77\n"), "--org", "RX1")
	m.run("", 0, "cancel", "3")
	m.run("", 0, "import", m.file("set.csv", "address,password\nann.lee@example.org,Quartz-Replaced-77\n"), "--set-passwords", "--yes")
	m.run("", 0, "import", m.file("passed.csv", "address,password\nann.lee@example.org,Quartz-Passedover-77\n"), "--yes", "--json")
	m.run("", 1, "plan", m.file("weak.csv", "address,password\nweak@example.org,Qz7-weak\nann@example.org,annannannann\n"), "--org", "RX1", "--json")
	for _, secret := range []string{"Quartz-Applied-77", "Quartz-Planned-77", "Quartz-Cancelled-77", "Quartz-Replaced-77",
		"Quartz-Passedover-77", "Qz7-weak", "annannannann"} {
		m.wantNowhere(secret, "a supplied password ("+secret+")")
	}
}

// A broken file moves its cells, so that a password may stand anywhere.
func TestPasswordsInTheWrongPlace(t *testing.T) {
	m := newMuster(t)
	m.run("", 1, "plan", m.file("shifted.csv", "Email,Name,Password,Force Change Password\na@example.org,Lee, Ann,Quartz-Shifted-77,TRUE\n"), "--json")
	m.run("", 1, "plan", m.file("stray.csv", "Email,Name,Password,Force Change Password\na@example.org,\"Lee\" Ann,Quartz-Stray-77,TRUE\n"), "--json")
	m.run("", 1, "plan", m.file("open.csv", "Email,Name,Password,Force Change Password\na@example.org,\"Lee,Quartz-Open-77,TRUE\nb@example.org,Bo,,\n"), "--json")
	m.run("", 1, "plan", m.file("headless.csv", "a@example.org,Ann,Quartz-Headless-77,TRUE\nb@example.org,Bo,Quartz-Headless-88,TRUE\n"), "--json")
	m.run("", 1, "plan", m.file("control.csv", "Email,Name,Password,Force Change Password\na@example.org,Ann,Quartz-\x01Control-77,TRUE\n"), "--json")
	m.run("", 1, "plan", m.file("latin.csv", "address,password\na@example.org,Quartz-Latin-77\nb@example.org,\xa3\n"), "--json")
	for _, n := range []string{"1", "2", "3", "5"} {
		m.run("", 0, "show", n, "--rows", "--json")
		m.run("", 0, "results", n)
	}
	for _, secret := range []string{"Quartz-Shifted-77", "Quartz-Stray-77", "Quartz-Open-77", "Quartz-Headless-77", "Quartz-Headless-88",
		"Control-77", "Quartz-Latin-77"} {
		m.wantNowhere(secret, "a password in the wrong place ("+secret+")")
	}
}

// A workbook is read and written without ever lying on a disk unsealed: there is
// no folder for temporary files here.
func TestPasswordsInAWorkbook(t *testing.T) {
	m := newMuster(t)
	t.Setenv("TMPDIR", filepath.Join(m.folder, "none"))
	rows := [][]string{{"address", "name", "password"}, {"ann@example.org", "Ann", "Quartz-Workbook-77"}}
	for n := range 20_000 { // more than would be kept in memory
		rows = append(rows, []string{fmt.Sprintf("p%d@example.org", n), fmt.Sprint("Person ", n), ""})
	}
	var file strings.Builder
	out := table.NewWriter(&file, table.Info{Kind: table.XLSX})
	for _, row := range rows {
		out.Write(row)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	m.run("", 0, "plan", m.file("people.xlsx", file.String()), "--org", "RX1", "--json")
	m.run("", 0, "results", "1", "-o", m.file("results.xlsx", ""))
	m.run("", 1, "plan", m.file("headless.xlsx", file.String()[:file.Len()-1000]), "--json")
	m.wantNowhere("Quartz-Workbook-77", "a password of a workbook")
}

func TestPasswordsByHand(t *testing.T) {
	m := newMuster(t)
	m.run("Quartz-Added-77\n", 0, "user", "add", "ann@example.org", "--name", "Ann", "--org", "RX1", "--password-stdin")
	m.run("Quartz-Setbyhand-77\n", 0, "user", "password", "ann@example.org", "--password-stdin")
	m.run("Quartz-Added-77\n", 1, "user", "password", "ann@example.org", "--password-stdin")
	m.run("short\n", 1, "user", "password", "ann@example.org", "--password-stdin")
	m.run("", 0, "user", "history", "ann@example.org", "--json")
	m.run("", 0, "history", "export")
	m.run("", 0, "history", "list", "--json")
	m.run("", 0, "user", "show", "ann@example.org", "--json")
	m.run("", 0, "config", "dump")
	m.run("", 0, "doctor", "--json")
	for _, secret := range []string{"Quartz-Added-77", "Quartz-Setbyhand-77"} {
		m.wantNowhere(secret, "a password set by hand")
	}
}

// The password of an e-mail account is kept to be read back, sealed.
func TestPasswordsOfAccounts(t *testing.T) {
	m := newMuster(t)
	m.run("", 0, "user", "add", "ann@example.org", "--name", "Ann", "--org", "RX1")
	set := []string{"user", "account", "set", "ann@example.org", "--type", "email", "--account", "ann@mail.example"}
	m.run("Quartz-Incoming-77\n", 0, append(set, "--display-name", "Ann", "--incoming-user", "ann", "--outgoing-user", "ann", "--incoming-password-stdin", "--json")...)
	m.run("Quartz-Second-77\n", 0, append(set, "--incoming-password-stdin")...)
	m.run("Quartz-Refused-77\n", 1, "user", "account", "set", "ann@example.org", "--type", "email", "--account", "new@mail.example", "--outgoing-password-stdin")
	for _, read := range [][]string{{"user", "account", "list", "ann@example.org", "--json"}, {"user", "account", "list", "ann@example.org"},
		{"user", "show", "ann@example.org"}, {"user", "history", "ann@example.org", "--json"}, {"history", "export"}, {"history", "list", "--limit", "0"}} {
		m.run("", 0, read...)
	}
	m.run("", 0, "backup", filepath.Join(m.folder, "muster.backup"))
	for _, secret := range []string{"Quartz-Incoming-77", "Quartz-Second-77", "Quartz-Refused-77"} {
		m.wantNowhere(secret, "the password of an e-mail account ("+secret+")")
	}
}

// So in files: also where a wrong delimiter, or a cell too many, has moved it.
func TestPasswordsOfAccountsInFiles(t *testing.T) {
	m := newMuster(t)
	m.run("", 0, "user", "add", "ann@example.org", "--name", "Ann", "--org", "RX1")
	email := func(status int, name, text string, more ...string) {
		m.run("", status, append([]string{"plan", m.file(name, text), "--format", "miradore-email", "--json"}, more...)...)
	}
	email(0, "good.csv", "ann@example.org,Ann,ann@mail.example,ann,Quartz-Good-77,ann,Quartz-Out-77\nnobody@example.org,No,no@mail.example,no,Quartz-Nobody-77,no\n")
	m.run("", 0, "apply", "1")
	m.run("", 0, "results", "1")
	email(0, "again.csv", "ann@example.org,Ann,ann@mail.example,ann,Quartz-Again-77,ann\n")
	m.run("", 0, "apply", "2")
	email(1, "delimiter.csv", "ann@example.org;Ann;ann@mail.example;ann;Quartz-Delimiter-77;ann\n", "--delimiter", "comma")
	email(1, "long.csv", "ann@example.org,Ann, Lee,ann@mail.example,ann,Quartz-Long-77,ann,Quartz-Longer-77\n")
	email(1, "stray.csv", "ann@example.org,\"Ann\" Lee,ann@mail.example,ann,Quartz-Stray-77,ann\n")
	email(1, "skipped.csv", "ann@example.org,Ann,ann@mail.example,ann,Quartz-Skipped-77,ann\nann,Ann,ann@mail.example,ann,,ann\n", "--skip-header")
	m.run("", 1, "plan", m.file("unnamed.csv", "ann@example.org,Ann,ann@mail.example,ann,Quartz-Unnamed-77,ann\n"), "--json")
	for _, n := range []string{"1", "3", "4", "5", "6"} {
		m.run("", 0, "show", n, "--rows", "--json")
		m.run("", 0, "show", n)
		m.run("", 0, "results", n)
	}
	m.run("", 0, "undo", "2")
	m.run("", 0, "user", "history", "ann@example.org", "--json")
	for _, secret := range []string{"Quartz-Good-77", "Quartz-Out-77", "Quartz-Nobody-77", "Quartz-Again-77", "Quartz-Delimiter-77", "Quartz-Long-77",
		"Quartz-Longer-77", "Quartz-Stray-77", "Quartz-Skipped-77", "Quartz-Unnamed-77"} {
		m.wantNowhere(secret, "the password of an e-mail account in a file ("+secret+")")
	}
}

// A token is printed once, and a digest of it kept.
func TestTokens(t *testing.T) {
	m := newMuster(t)
	var added struct{ ID, Token string }
	line := m.run("", 0, "token", "add", "--name", "Rota", "--role", "Basic", "--org", "RX1", "--json")
	if err := json.Unmarshal([]byte(line), &added); err != nil || len(added.Token) < 40 {
		t.Fatalf("%s, %v", line, err)
	}
	delete(m.outputs, "token add --name Rota --role Basic --org RX1 --json")
	m.run("", 1, "token", "add", "--name", "Rota", "--role", "Basic", "--org", "RX1")
	m.run("", 0, "token", "list", "--json")
	m.run("", 0, "token", "revoke", added.ID)
	m.run("", 0, "token", "list")
	m.run("", 0, "history", "list", "--json")
	m.run("", 0, "backup", filepath.Join(m.folder, "muster.backup"))
	m.wantNowhere(strings.TrimPrefix(added.Token, "muster_"), "a token")
}

// A hash is kept with its user, sealed on its way there, and shown to nobody.
func TestReadyHashes(t *testing.T) {
	m := newMuster(t)
	const hash = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
	m.run("", 0, "import", m.file("hash.csv", "address,password_hash\nann@example.org,"+hash+"\n"), "--org", "RX1", "--yes", "--json")
	m.run("", 0, "show", "1", "--rows", "--json")
	m.run("", 0, "results", "1")
	m.run("", 0, "user", "show", "ann@example.org", "--json")
	for _, place := range m.places("svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/") {
		if !strings.HasPrefix(place, "muster.db") && !strings.HasPrefix(place, "table users") {
			t.Errorf("a ready hash stands in %s", place)
		}
	}
	m.run("", 0, "plan", m.file("later.csv", "address,password_hash\nbob@example.org,"+strings.Replace(hash, "svn8", "Svn8", 1)+"\n"), "--org", "RX1")
	m.wantNowhere("Svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/", "the ready hash of a plan that is not applied")
}

// Generated passwords stand in the results, where the organisation hands them
// over so, and nowhere else.
func TestGeneratedPasswords(t *testing.T) {
	m := newMuster(t)
	m.run("", 0, "import", m.file("new.csv", nhsmail+",R1,,,Ann,Lee,,,,,,,,,RX1,,,\n"), "--yes", "--json")
	results := m.run("", 0, "results", "1")
	delete(m.outputs, "results 1")
	generated := strings.Split(strings.Split(results, "\n")[1], ",")[17]
	if len(generated) < 20 {
		t.Fatalf("the results have no generated password: %q", results)
	}
	m.run("", 0, "show", "1", "--rows", "--json")
	m.run("", 0, "user", "history", "ann.lee@example.org", "--json")
	m.wantNowhere(generated, "a generated password")

	m.run("", 0, "org", "set", "RX1", "--passwords", "none")
	m.run("", 0, "import", m.file("none.csv", nhsmail+",R2,,,Bo,Lee,,,,,,,,,RX1,,,\n"), "--yes")
	if results := m.run("", 0, "results", "2"); strings.Contains(results, "-") && strings.Count(results, "-") > 2 {
		t.Errorf("the results hand over a password that the organisation does not want handed over: %s", results)
	}
}
