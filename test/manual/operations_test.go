package manual

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"muster/internal/access"
	"muster/internal/app"
	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/directory"
)

// Every command, and every operation of the API that does the same, with the least
// that gives it something to do in organisation RX1, and who may do it there:
//
//   - each role, of an administrator of RX1
//   - user: a user of RX1 without a role
//   - other: a Super of another organisation, RX2
//   - locked: a Super of RX1 whose account is locked
//   - former: one who was Super of RX1 and is a leaver now
//
// + means that it is done and - that it is refused. Where a command does not do
// the same for everybody, "prints TEXT" stands behind it: it is done where
// standard output, or the answer, has the text. TOKEN is the id of a token, SESSION that
// of a session of leo@example.org, WARDS and EMPTY those of groups.
const table = `
Master Migration Super Full Basic Helpdesk Gateway Auditor user other locked former | command | requests of the API

+ + + + + + - - - - - - | plan new.csv --org RX1 | POST /imports?org=RX1&filename=new.csv new.csv
+ + + + + - - - - - - - | apply 2
+ + + + + - - - - - - - | apply 2 --detach | POST /imports/2/apply
+ + + + + - - - - - - - | import new.csv --org RX1 --yes
+ + + + + - - - - - - - | import new.csv --org RX1 --yes --detach | POST /imports?org=RX1&apply=true new.csv
+ + + + + + - + - - - - | imports prints made.csv | GET /imports
+ + + + + + - + - - - - | show 1 | GET /imports/1; GET /imports/1/progress
+ + + + + + - + - - - - | show 1 --rows | GET /imports/1/rows
+ + + + + + - + - - - - | results 1 | GET /imports/1/results
+ + + + + - - - - - - - | results 1 prints PASSWORD | GET /imports/1/results
+ + + + + - - - - - - - | resume 2 | POST /imports/2/resume
+ + + + + - - - - - - - | undo 1
+ + + + + - - - - - - - | undo 1 --detach | POST /imports/1/undo
+ + + + + - - - - - - - | undo 1 --plan | GET /imports/1/undo
+ + + + + + - - - - - - | row set 2 1 --cell A=bo@example.org | PATCH /imports/2/rows/1 {"cells":{"A":"bo@example.org"}}
+ + + + + + - - - - - - | row leave-out 2 1 | POST /imports/2/rows/1/leave-out
+ + + + + + - - - - - - | row take-in 2 1 | POST /imports/2/rows/1/take-in
+ + + + + - - - - - - - | cancel 2 | POST /imports/2/cancel
+ + + + + + - + - - - - | formats list prints staff | GET /formats
+ + + + + + - + - - - - | formats show staff | GET /formats/staff
+ + + + + + + + + + + + | formats map new.csv --name new
+ + + + + + + + + + + + | formats check staff.toml
+ + + + - - - - - - - - | formats add other.toml --org RX1 | PUT /formats/other?org=RX1 {"text":"name = \"other\"\n[[column]]\nheading = \"E-mail\"\nto = \"address\"\n"}
+ + + + - - - - - - - - | formats delete staff --org RX1 | DELETE /formats/staff?org=RX1
+ + + + + + - + - - - - | sample staff
+ + + + + + - + - + - - | | POST /formats/check {"text":""}; POST /formats/guess?name=new new.csv

+ + + + + + + + - - - - | user list prints anna@example.org | GET /users
+ + + + - - - + - - - - | report mailbox prints anna@example.org | GET /reports/mailbox
+ + + + + + + + - - - - | user show anna@example.org | GET /users/anna@example.org; GET /addresses/anna@example.org; GET /users/anna@example.org/delegates
+ + + + + - - + - - - - | user history anna@example.org | GET /users/anna@example.org/history
+ + + + + - - - - - - - | user add new@example.org --org RX1 | POST /users {"address":"new@example.org","org":"RX1"}
+ + + + - - - - - - - - | user add new@example.org --org RX1 --role Helpdesk | POST /users {"address":"new@example.org","org":"RX1","role":"Helpdesk"}
+ + + + + - - - - - - - | user set anna@example.org --title Dr | PATCH /users/anna@example.org {"title":"Dr"}
+ + + + - - - - - - - - | user set anna@example.org --role Helpdesk | PATCH /users/anna@example.org {"role":"Helpdesk"}
+ + + + + - - - - - - - | user delete anna@example.org | DELETE /users/anna@example.org
+ + + + + - - - - - - - | user lock anna@example.org | POST /users/anna@example.org/lock
+ + + + + + - - - - - - | user unlock lars@example.org | POST /users/lars@example.org/unlock
+ + + + + - - - - - - - | user leaver anna@example.org | POST /users/anna@example.org/leaver
+ + + + + - - - - - - - | user join leo@example.org | POST /users/leo@example.org/join {}
+ + - - - - - - - - - - | user transfer anna@example.org --org RX1A | POST /users/anna@example.org/transfer {"org":"RX1A"}
+ + + + + + - - - - - - | user password anna@example.org --generate | POST /users/anna@example.org/password {"generate":true}
+ + + + + - - + - - - - | user sessions anna@example.org | GET /users/anna@example.org/sessions
+ + + + + + - - - - - - | user sign-out anna@example.org | DELETE /users/anna@example.org/sessions; DELETE /users/leo@example.org/sessions/SESSION
+ + + + + - - + - - - - | user second-factor anna@example.org | GET /users/anna@example.org/second-factor
+ + + + + + - - - - - - | user second-factor anna@example.org --remove | DELETE /users/anna@example.org/second-factor
+ + + + + + + + - - - - | user account list anna@example.org | GET /users/anna@example.org/accounts
+ + + + + - - - - - - - | user account set anna@example.org --type exchange --account anna@corp.example --user anna | PUT /users/anna@example.org/accounts/exchange/anna@corp.example {"user":"anna"}
+ + + + + - - - - - - - | user account delete anna@example.org --type exchange --account old@corp.example | DELETE /users/anna@example.org/accounts/exchange/old@corp.example
+ + + + + - - - - - - - | | PUT /users/anna@example.org/delegates/lars@example.org; DELETE /users/leo@example.org/delegates/anna@example.org

+ + + + + + - + - - - - | group list prints Wards | GET /groups
+ + + + + + - + - - - - | group show Wards --org RX1 | GET /groups/WARDS; GET /groups/WARDS/members
+ + + + + - - - - - - - | group add Wards/Day --org RX1 | POST /groups {"path":"Wards/Day","org":"RX1"}
+ + + + + - - - - - - - | group set Wards --org RX1 --name Theatres | PATCH /groups/WARDS {"name":"Theatres"}; POST /groups/EMPTY/move {"parent":"Wards"}
+ + + + + - - - - - - - | group delete Empty --org RX1 | DELETE /groups/EMPTY
+ + + + + - - - - - - - | group member add Empty anna@example.org --org RX1 | POST /groups/EMPTY/members {"address":"anna@example.org"}
+ + + + + - - - - - - - | group member delete Wards anna@example.org --org RX1 | DELETE /groups/WARDS/members/anna@example.org

+ + + + + - - + - - - - | history list prints anna@example.org | GET /history
+ + + + + - - + - - - - | history export prints anna@example.org | GET /history/export
- - - - - - - - - - - - | history seal
- - - - - - - - - - - - | history verify

+ + + + + + + + - + - - | attribute list prints Floor | GET /attributes
+ + + + + - - - - + - - | attribute add Room | POST /attributes {"name":"Room"}
- - - - - - - - - - - - | attribute set Floor --name Level | PATCH /attributes/Floor {"name":"Level"}
- - - - - - - - - - - - | attribute delete Floor | DELETE /attributes/Floor

+ + + + + + + + - - - - | domain list prints empty.example | GET /domains
+ + + + + + + + - - - - | | GET /domains/empty.example
+ + + + - - + - - - - - | domain add new.example --org RX1 | POST /domains {"name":"new.example","org":"RX1"}
+ + + + - - + - - - - - | domain set empty.example --validation any | PATCH /domains/empty.example {"validation":"any"}
+ + + + - - + - - - - - | domain delete empty.example | DELETE /domains/empty.example

+ + + + + + + + - + - - | notification list
+ + + + + + + + + + - + | | GET /notifications; POST /notifications/read
+ + + + + + + + - + - - | notification read --all

+ + + + - - - + - - - - | token list prints Rota | GET /tokens
+ + + + - - - - - - - - | token add --name New --role Auditor --org RX1 | POST /tokens {"name":"New","role":"Auditor","org":"RX1"}
+ + + + - - - - - - - - | token revoke TOKEN | DELETE /tokens/TOKEN

+ + + + + + + + - - - - | org list prints RX1A | GET /organisations
+ + + + + + + + - - - - | | GET /organisations/RX1A
+ + + + + + + + - + - - | | GET /roles
+ + + + + + + + + + - + | | GET /session
+ - + - - - - - - - - - | org add RX1B --parent RX1 | POST /organisations {"code":"RX1B","parent":"RX1"}
+ + + + - - - - - - - - | org set RX1 --mailbox-max 50 | PATCH /organisations/RX1 {"settings":{"mailbox_max_gb":50}}
+ - + - - - - - - - - - | org delete RX1A | DELETE /organisations/RX1A

- - - - - - - - - - - - | backup muster.backup
- - - - - - - - - - - - | restore muster.backup
- - - - - - - - - - - - | key change
- - - - - - - - - - - - | work
- - - - - - - - - - - - | serve
+ + + + + + + + + + + + | config check
+ + + + + + + + + + + + | config dump
+ + + + + + + + + + + + | doctor
+ + + + + + + + + + + + | migrate status
+ + + + + + + + + + + + | migrate up
+ + + + + + + + + + + + | completion bash
+ + + + + + + + + + + + | version
`

// operation is one row of the table.
type operation struct {
	line     string   // the command; "" where only the API does it
	requests []string // of the API, as METHOD PATH BODY; a body that is no JSON is the name of a file
	prints   string
	may      map[string]bool
}

func operations(t *testing.T) (list []operation) {
	t.Helper()
	lines := slices.DeleteFunc(strings.Split(table, "\n"), func(line string) bool { return line == "" })
	head, _, _ := strings.Cut(lines[0], " | ")
	for _, line := range lines[1:] {
		marks, rest, _ := strings.Cut(line, " | ")
		command, requests, _ := strings.Cut(rest, "| ")
		o := operation{may: map[string]bool{}}
		o.line, o.prints, _ = strings.Cut(strings.TrimSpace(command), " prints ")
		if requests != "" {
			o.requests = strings.Split(requests, "; ")
		}
		for i, mark := range strings.Fields(marks) {
			o.may[strings.Fields(head)[i]] = mark == "+"
		}
		if len(o.may) != len(strings.Fields(head)) {
			t.Fatalf("%s has %d marks", command, len(o.may))
		}
		list = append(list, o)
	}
	return list
}

// String is the row as the manual shows it.
func (o operation) String() string {
	var parts []string
	if o.line != "" {
		parts = append(parts, "`muster "+o.line+"`")
	}
	for _, request := range o.requests {
		method, path, _ := cutRequest(request)
		path, _, _ = strings.Cut(path, "?")
		parts = append(parts, "`"+method+" "+path+"`")
	}
	text := strings.Join(parts, ", ")
	if o.prints == generated {
		text += ", with the passwords that were generated"
	}
	return text
}

// generated stands for the password that the first import has generated.
const generated = "PASSWORD"

// desk is somebody at the command line, in the folder of a database.
type desk struct {
	t      *testing.T
	folder string
}

// run runs the command in this process and returns what it printed.
func (d desk) run(args ...string) (status int, out, told string) {
	d.t.Helper()
	read, outFile := d.file("out")
	readErr, errFile := d.file("err")
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		d.t.Fatal(err)
	}
	defer stdin.Close()
	status = app.Command(context.Background(), &cli.Process{Args: args, Stdin: stdin, Stdout: outFile, Stderr: errFile, Version: "1.2.3",
		Env: d.env()})
	return status, read(), readErr()
}

func (d desk) env() []string {
	return []string{"MUSTER_DATABASE=sqlite:" + filepath.Join(d.folder, "data", "muster.db"), "MUSTER_HASHING_MEMORY_MIB=1"}
}

// file makes a file of the folder, and what reads it to its end.
func (d desk) file(name string) (func() string, *os.File) {
	f, err := os.Create(filepath.Join(d.folder, name))
	if err != nil {
		d.t.Fatal(err)
	}
	return func() string {
		defer f.Close()
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			d.t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil {
			d.t.Fatal(err)
		}
		return string(text)
	}, f
}

// must runs a command that has to succeed.
func (d desk) must(line string) string {
	d.t.Helper()
	status, out, told := d.run(strings.Fields(line)...)
	if status != 0 {
		d.t.Fatalf("muster %s: status %d, %s", line, status, told)
	}
	return out
}

// prepared is a folder with a database in which every operation of the table
// has something to do.
func prepared(t *testing.T) desk {
	d := desk{t, t.TempDir()}
	t.Chdir(d.folder)
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("made.csv", "address,org\nmade@example.org,RX1\n")
	write("new.csv", "address\nnew@example.org\n")
	const text = "name = %q\n[[column]]\nheading = \"E-mail\"\nto = \"address\"\n"
	write("staff.toml", fmt.Sprintf(text, "staff"))
	write("other.toml", fmt.Sprintf(text, "other"))
	for _, line := range []string{
		"org add RX1", "org add RX1A --parent RX1", "org add RX2",
		"domain add example.org", "domain add empty.example --org RX1",
		"group add Wards --org RX1", "group add Empty --org RX1", "attribute add Floor",
		"user add anna@example.org --org RX1 --group Wards",
		"user account set anna@example.org --type exchange --account old@corp.example --user old",
		"user add lars@example.org --org RX1 --locked",
		"user add leo@example.org --org RX1 --delegate anna@example.org", "user leaver leo@example.org",
		"user add user@example.org --org RX1",
		"user add other@example.org --org RX2 --role Super",
		"user add locked@example.org --org RX1 --role Super", "user lock locked@example.org",
		"user add former@example.org --org RX1 --role Super", "user leaver former@example.org",
		"formats add staff.toml --org RX1",
		"token add --name Rota --role Auditor --org RX1",
		"plan made.csv --org RX1 --generate-passwords", "apply 1",
		"plan new.csv --org RX1",
	} {
		d.must(line)
	}
	for _, role := range directory.RoleNames() {
		d.must("user add " + actorOf(role) + " --org RX1 --role " + role)
	}
	secondFactor(d, "anna@example.org")
	return d
}

// secondFactor gives a user a second factor, which only they themselves set up.
func secondFactor(d desk, address string) {
	d.t.Helper()
	must := func(err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
	}
	c, _, err := config.Load(d.env())
	must(err)
	ctx := context.Background()
	a, err := app.New(ctx, c, false)
	must(err)
	defer a.Close()
	r := &directory.Record{Password: "quartz-lantern-42"}
	r.Values[directory.Address] = address
	_, _, err = a.Directory.SetUser(ctx, directory.Operator("test"), r)
	must(err)
	shown := access.Credentials{Address: address, Password: r.Password}
	s, err := a.Access.SignIn(ctx, shown)
	must(err)
	setup, err := a.Access.BeginSecondFactor(ctx, s, shown)
	must(err)
	code, err := totp.GenerateCode(setup.Secret.Reveal(), time.Now())
	must(err)
	_, err = a.Access.ConfirmSecondFactor(ctx, s, code)
	must(err)
}

func actorOf(who string) string { return strings.ToLower(who) + "@example.org" }

// passwordOf finds the password that the first import has generated.
func passwordOf(d desk) string {
	_, results, _ := strings.Cut(d.must("results 1"), "\n")
	for _, cell := range strings.FieldsFunc(results, func(r rune) bool { return r == ',' || r == '\n' }) {
		if strings.Count(cell, "-") == 3 {
			return cell
		}
	}
	d.t.Fatalf("no password in %s", results)
	return ""
}

// tokenOf is the id of the token that there is, which stands for TOKEN in the table.
func tokenOf(d desk) string {
	var token struct{ ID string }
	if err := json.Unmarshal([]byte(d.must("token list --json")), &token); err != nil {
		d.t.Fatal(err)
	}
	return token.ID
}

// copyOf is the same database for one attempt.
func (d desk) copyOf(t *testing.T) desk {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(d.folder)); err != nil {
		t.Fatal(err)
	}
	// A copy is open to others, which Muster does not suffer of its key.
	for path, mode := range map[string]os.FileMode{"data": 0o700, "data/muster.db": 0o600, "data/secret.key": 0o600} {
		if err := os.Chmod(filepath.Join(folder, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	return desk{t, folder}
}

func TestEveryRoleAgainstEveryCommand(t *testing.T) {
	d := prepared(t)
	secret, token := passwordOf(d), tokenOf(d)
	for _, o := range operations(t) {
		if o.line == "" {
			continue
		}
		for who, may := range o.may {
			t.Run(o.line+" "+o.prints+" by "+who, func(t *testing.T) {
				d := d.copyOf(t)
				status, out, told := d.run(append(strings.Fields(strings.Replace(o.line, "TOKEN", token, 1)), "--as", actorOf(who))...)
				done := status == 0
				if o.prints != "" {
					done = done && strings.Contains(out, strings.Replace(o.prints, generated, secret, 1))
				}
				if done != may {
					t.Errorf("done: %v, want %v; status %d, %s", done, may, status, told)
				}
				if status != 0 && !refusal(told) {
					t.Errorf("refused for another reason: %s", told)
				}
			})
		}
	}
}

// refusal reports whether a message says that the rights do not suffice, or
// that there is no such thing: whoever may not know is not told.
func refusal(told string) bool {
	return slices.ContainsFunc([]string{"does not allow", "does not plan", "does not move users", "does not give the role", "do not cover", "is no administrator", "is locked or not active", "There is no ", "is the operator's"},
		func(text string) bool { return strings.Contains(told, text) })
}

func TestEveryCommandHasARow(t *testing.T) {
	names, err := cli.Commands()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !slices.ContainsFunc(operations(t), func(o operation) bool { return strings.HasPrefix(o.line+" ", name+" ") }) {
			t.Errorf("muster %s has no row in the table", name)
		}
	}
}
