package trouble

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"muster/test/desk"
)

// The people of the serial tests. Plain ones are touched by their address
// alone, so what becomes of one depends on no other. Tangled ones want aliases,
// names, local ids and delegates that others want, too.
const (
	plain   = 120 // plain0 … ; the first half exist
	tangled = 80  // tangled0 … ; the first half exist, with the local ids L0 …
	fileFor = 200 // rows of a file
)

// A layout writes a file of a format.
type layout struct {
	format string
	write  func(r *rand.Rand) string
}

// layouts are what the four files of a round are of; the order is drawn.
var layouts = []layout{{"muster", musterFile}, {"muster", musterFile}, {"nhsmail", nhsmailFile}, {"nhsmail", nhsmailFile}, {"mimecast-connect", connectFile}}

// existing is a file of the people who are there before.
func existing() string {
	var b strings.Builder
	b.WriteString("address,name,local_id,group1\n")
	for i := range plain / 2 {
		fmt.Fprintf(&b, "plain%d@example.org,Plain,,\n", i)
	}
	for i := range tangled / 2 {
		fmt.Fprintf(&b, "tangled%d@example.org,Tangled,L%d,Wards\n", i, i)
	}
	return b.String()
}

// serialDesk is a desk with a directory that four files are about.
func serialDesk(d *desk.Desk) {
	d.Env = append(d.Env, "MUSTER_BATCH=7")
	d.File("existing.csv", existing())
	d.Run("org", "add", "RX1", "--name", "Riverside", "--threshold-users", "1000")
	d.Run("domain", "add", "example.org", "--org", "RX1")
	d.Run("group", "add", "Wards", "--org", "RX1")
	d.Run("group", "add", "Wards/Night", "--org", "RX1")
	d.Run("import", "existing.csv", "--org", "RX1", "--yes")
}

// one draws one of some texts.
func one(r *rand.Rand, texts ...string) string { return texts[r.IntN(len(texts))] }

// musterFile changes and makes people in the fields that others change, and in
// others; each person stands in it once.
func musterFile(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("address,name,department,status,locked,attr.Floor,local_id,rename_to,alias1,group1,delegate1\n")
	for _, i := range r.Perm(plain + tangled)[:fileFor] {
		if i < plain {
			fmt.Fprintf(&b, "plain%d@example.org,%s,,,,,\n", i, plainCells(r))
		} else {
			fmt.Fprintf(&b, "tangled%d@example.org,%s,,,,,%s\n", i-plain, one(r, "", "First", "Second"), tangledCells(r))
		}
	}
	return b.String()
}

func plainCells(r *rand.Rand) string {
	return strings.Join([]string{one(r, "", "First", "Second", "Third"), one(r, "", "", "East", "West"),
		one(r, "", "", "", "", "", "disabled", "deleted"), one(r, "", "", "", "yes"), one(r, "", "", "1", "2")}, ",")
}

func tangledCells(r *rand.Rand) string {
	some := func(text string, n int) string {
		if r.IntN(3) > 0 {
			return ""
		}
		return fmt.Sprintf(text, r.IntN(n))
	}
	return strings.Join([]string{some("L%d", 60), some("renamed%d@example.org", 20), some("alias%d@example.org", 20),
		one(r, "", "", "Wards", "Wards/Night", "(clear)"), some("tangled%d@example.org", tangled/2)}, ",")
}

// nhsmailFile makes people with generated addresses that collide: those of the
// surname Free are in no other row's way but by their names, the others have local ids
// that other files have, too; a few leave.
func nhsmailFile(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("ID,Local ID,Status,Title,First Name,Last Name,Display Name,Job Title,Department,Telephone,Mobile,Pager,Fax,Notes,Organisation ODSCode,Organisational Unit,Mailbox Size\n")
	locals := r.Perm(2 * fileFor)
	for i := range fileFor {
		local, last, status := "", "Free", ""
		if r.IntN(2) == 0 {
			local, last = fmt.Sprint("L", locals[i]%300), one(r, "Smith", "Lee")
		}
		if local != "" && locals[i] < tangled/2 {
			status = one(r, "", "leaver")
		}
		fmt.Fprintf(&b, ",%s,%s,,%s,%s,,,%s,,,,,,RX1,,\n", local, status, one(r, "Ann", "Bob", "Cleo"), last, one(r, "", "East", "West"))
	}
	return b.String()
}

// connectFile makes and names people.
func connectFile(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("Email,Name,Password,Force Change Password\n")
	for _, i := range r.Perm(plain + tangled)[:fileFor] {
		address := fmt.Sprintf("plain%d@example.org", i)
		if i >= plain {
			address = fmt.Sprintf("tangled%d@example.org", i-plain)
		}
		fmt.Fprintf(&b, "%s,%s,,\n", address, one(r, "First", "Second", "Third"))
	}
	return b.String()
}
