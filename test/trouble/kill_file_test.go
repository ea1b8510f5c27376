package trouble

import (
	"fmt"
	"strings"
	"testing"

	"muster/test/desk"
)

// killedRows is how many rows the file has that is applied and undone between
// kills.
const killedRows = 5000

// errand is a file that is planned, applied and undone, and the directory that
// it finds.
type errand struct {
	name     string
	groups   []string
	options  []string          // of the plan
	supplied map[string]string // passwords that the file gives, by local id in small letters
	without  []string          // kinds of moment that it does not have, or hardly
	prepare  func(d *desk.Desk)
}

// Hashing is as cheap as it can be. Still only one row in three or four bears a
// password: with more, it would take longer than all the rest.
var cheap = []string{"MUSTER_HASHING_MEMORY_MIB=1", "MUSTER_HASHING_TIME=1"}

// With such batches there are hundreds of them.
const smallBatches = "MUSTER_BATCH=20"

// desk is a desk at which everything is ready for file.csv to be planned.
func (e *errand) desk(t testing.TB) *desk.Desk {
	t.Helper()
	d := desk.New(t)
	d.Env = append(d.Env, cheap...)
	d.Run("org", "add", "RX1", "--name", "Riverside Trust", "--threshold-users", "100000")
	d.Run("domain", "add", "example.org", "--org", "RX1")
	for _, path := range e.groups {
		d.Run("group", "add", path, "--org", "RX1")
	}
	e.prepare(d)
	d.Env = append(d.Env, smallBatches)
	return d
}

// supply is the password that the file gives to the person of a number.
func (e *errand) supply(i int) string {
	plain := fmt.Sprintf("battery%05dStaple", i)
	e.supplied[fmt.Sprint("l", i)] = plain
	return plain
}

// givenAddresses is a file that does all that format muster can do: it makes
// users, changes, renames, disables and deletes others and leaves some as they
// are; with aliases, groups, attributes, passwords, and delegates who stand
// further down in it.
func givenAddresses() *errand {
	e := &errand{name: "given addresses", groups: []string{"Wards", "Wards/Night", "Wards/Day"}, options: []string{"--set-passwords"},
		supplied: map[string]string{}, without: []string{betweenStages, whileMembers}}
	before, file := &strings.Builder{}, &strings.Builder{}
	fmt.Fprintln(before, "address,local_id,name,password,alias1,group1,attr.Room")
	for i := range 1500 {
		former := ""
		if i%10 == 1 {
			former = fmt.Sprintf("former%05dStaple", i)
		}
		fmt.Fprintf(before, "%s,L%d,User %d,%s,old%d@example.org,Wards/Night,R%d\n", known(i), i, i, former, i, i)
	}
	fmt.Fprintln(file, "address,local_id,name,department,status,password,rename_to,alias1,group1,delegate1,attr.Room")
	for i := range killedRows {
		fmt.Fprintln(file, e.given(i))
	}
	e.prepare = func(d *desk.Desk) {
		d.File("before.csv", before.String())
		d.Run("import", "before.csv", "--org", "RX1", "--yes")
		d.File("file.csv", file.String())
	}
	return e
}

func known(i int) string { return fmt.Sprintf("user%04d@example.org", i) }

// given is a row: of the first 1500 users one in three stays as it is.
func (e *errand) given(i int) string {
	address, password, rename, delegate := known(i), "", "", ""
	if i < 1500 && i%3 == 0 {
		return fmt.Sprintf("%s,L%d,User %d,,,,,,,,R%d", address, i, i, i)
	}
	status := map[int]string{4: "disabled", 5: "leaver", 7: "deleted"}[i%100]
	if i < 1500 && i%20 == 1 {
		rename = fmt.Sprintf("renamed%d@example.org", i)
	}
	if i%2 == 0 {
		delegate = known((i + 1701) % killedRows)
	}
	if i >= 1500 {
		status = ""
	}
	if i%3 == 1 {
		password = e.supply(i)
	}
	return fmt.Sprintf("%s,L%d,Person %d,Ward %d,%s,%s,%s,new%d@example.org,Wards/Day,%s,B%d",
		address, i, i, i%7, status, password, rename, i, delegate, i)
}

// generatedAddresses is a file of format nhsmail: many people of one name, whose
// addresses are generated, half of the passwords too, leavers, and a group whose
// members it replaces.
func generatedAddresses() *errand {
	e := &errand{name: "generated addresses", groups: []string{"Wards", "Wards/Night"}, supplied: map[string]string{}, without: []string{betweenStages, whileDelegates},
		options: []string{"--group", "Wards/Night", "--group-mode", "replace", "--note", "New in August"}}
	const headings = "ID,Local ID,Status,Title,First Name,Last Name,Display Name,Job Title,Department,Telephone,Mobile,Pager,Fax,Notes," +
		"Organisation ODSCode,Organisational Unit,Mailbox Size,Password\n"
	before, file := &strings.Builder{}, &strings.Builder{}
	before.WriteString(headings)
	file.WriteString(headings)
	for i := range 3000 {
		fmt.Fprintln(before, person(i, "", "Nurse", ""))
	}
	for i := range killedRows {
		fmt.Fprintln(file, e.generated(i+2000))
	}
	e.prepare = func(d *desk.Desk) {
		d.File("before.csv", before.String())
		d.Run("import", "before.csv", "--org", "RX1", "--yes", "--group", "Wards/Night", "--note", "Old hands")
		d.File("file.csv", file.String())
	}
	return e
}

// person is a row of one of 600 names.
func person(i int, status, job, password string) string {
	first, last := []string{"Amina", "Rhys", "Seren", "Zoë", "Leo", "Ann"}[i%6], string(rune('A'+i/6%25))+"wen"+string(rune('a'+i/150%4))
	return fmt.Sprintf(",L%d,%s,,%s,%s,,%s,Ward %d,,,,,,RX1,,,%s", i, status, first, last, job, i%7, password)
}

// generated is a row: the first thousand people are there already.
func (e *errand) generated(i int) string {
	switch {
	case i < 3000 && i%3 == 0:
		return person(i, "", "Nurse", "")
	case i < 3000 && i%50 == 1:
		return person(i, "leaver", "Nurse", "")
	case i < 3000 || i%3 > 0:
		return person(i, "", "Registrar", "")
	}
	return person(i, "", "Registrar", e.supply(i))
}
