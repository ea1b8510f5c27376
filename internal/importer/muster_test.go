package importer_test

import (
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

// musterWorld has Ann, who is in a group, has an alias and may open Ben's mailbox, and
// Lea, who is a leaver.
func musterWorld(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Group("RX1", "Wards")
	w.Group("RX1", "Wards/Night")
	w.Add("ben@example.org", "RX1")
	w.Add("ann@example.org", "RX1", "name", "Ann", "title", "Ms", "local_id", "L1", "alias", "a@example.org", "group", "Wards", "delegate", "ben@example.org", "attr.Floor", "3")
	w.Add("lea@example.org", "RX1")
	w.Set("lea@example.org", "status", "leaver")
	return w
}

// The sentences are those of "muster" in the description of the formats [ours].
func TestMusterSentences(t *testing.T) {
	const new = "create address:>new@example.org name:>New"
	for _, c := range []sentenceCase{
		{sentence: "names, any order", file: "NAME,title,address\nNew,Dr,new@example.org\n", plan: "create address:>new@example.org title:>Dr name:>New"},
		{sentence: "A user is found by id", file: "id,title\n$ann,Dr\n", plan: "update title:Ms>Dr"},
		{sentence: "by id (one unknown here is passed over, with a warning)", file: "id,address,title\n4711,ann@example.org,Dr\n", plan: "update title:Ms>Dr id!id-unknown"},
		{sentence: "else address", file: "address,title\nANN@example.org,Dr\n", plan: "update title:Ms>Dr"},
		{sentence: "else local_id", file: "local_id,title\nl1,Dr\n", plan: "update title:Ms>Dr local_id:L1>l1"},
		{sentence: "else: none of them", file: "name,title\nAnn,Dr\n", refused: "header-missing"},
		{sentence: "found by two that are of two users", file: "address,local_id\nben@example.org,L1\n", plan: "error local_id!user-ambiguous"},
		{sentence: "found by local id but with another address: error that points to rename_to", file: "address,local_id\nnew@example.org,L1\n", plan: "error address!address-differs"},
		{sentence: "rename_to", file: "address,rename_to\nann@example.org,ann.lee@example.org\n", plan: "update address:ann@example.org>ann.lee@example.org alias:>ann@example.org"},
		{sentence: "an address that is somebody's alias: error naming the owner", file: "address,title\na@example.org,Dr\n", plan: "error address!address-is-alias"},
		{sentence: "A leaver is joined by id or address", file: "address,status\nlea@example.org,active\n", plan: "joiner status:leaver>active status!leaver-joins"},
		{sentence: "status: leaver", file: "address,status\nann@example.org,leaver\n", plan: "leaver status:active>leaver"},
		{sentence: "status: disabled and deleted count as update", file: "address,status\nann@example.org,disabled\nben@example.org,deleted\n",
			plan: "update status:active>disabled update status:active>deleted"},
		{sentence: "status: inactive comes by itself", file: "address,status\nann@example.org,inactive\n", plan: "error status!status-wrong"},
		{sentence: "Any other heading: the file is refused, with the nearest known one as suggestion", file: "address,tittle\nann@example.org,Dr\n", refused: "header-unknown"},
		{sentence: "Any other heading (Muster's own result columns apart)", file: "address,title,Result,Email Address,Password\nann@example.org,Dr,Updated,,x\n", plan: "update title:Ms>Dr"},
		{sentence: "Blank = keep", file: "address,title,local_id\nann@example.org,,\n", plan: "unchanged"},
		{sentence: "the token (clear) = clear; both show in the plan", file: "address,title,attr.Floor\nann@example.org,(Clear),(clear)\n", plan: "update title:Ms> attr.Floor:3>"},
		{sentence: "(clear) of what cannot be blank", file: "address,name\nann@example.org,(clear)\n", plan: "error name!not-clearable"},
		{sentence: "Aliases, groups and delegates of a row are added to those there are", file: "address,alias1,group1,delegate1\nann@example.org,b@example.org,wards/night,lea@example.org\n",
			plan: "update alias:>b@example.org group:>Wards/Night delegate:>lea@example.org"},
		{sentence: "added to those there are: the same again changes nothing", file: "address,alias1,group1,delegate1\nann@example.org,A@example.org,WARDS,ben@example.org\n", plan: "unchanged"},
		{sentence: "(clear) in the first of them makes the row's the only ones", file: "address,alias1,alias2,group1,delegate1\nann@example.org,(clear),b@example.org,(clear),(clear)\n",
			plan: "update alias:>b@example.org alias:a@example.org> group:Wards> delegate:ben@example.org>"},
		{sentence: "(clear) in another of them", file: "address,alias1,alias2\nann@example.org,b@example.org,(clear)\n", plan: "error alias2!clear-misplaced"},
		{sentence: "attr.NAME: made by the file that first mentions it", file: "address,attr.Shoe Size\nann@example.org,7\n", plan: "update Size:>7"},
		{sentence: "attr.NAME: in any case it is the same", file: "address,ATTR.floor\nann@example.org,4\n", plan: "update attr.Floor:3>4"},
		{sentence: "org: of a row that names none it is the plan's", file: "address,name,org\nnew@example.org,New,\nann@example.org,,rx2\n", plan: new + " update org:RX1>RX2 local_id:L1> group:Wards> delegate:ben@example.org>"},
		{sentence: "org: moves by Master and Migration administrators only", role: "Full", file: "address,org\nann@example.org,RX2\n", plan: "error org!not-allowed"},
		{sentence: "role: Basic, Helpdesk, Gateway", file: "address,role\nann@example.org,helpdesk\n", plan: "update role:>Helpdesk"},
		{sentence: "role: another is given by no file", file: "address,role\nann@example.org,Super\n", plan: "error role!role-not-by-file"},
		{sentence: "password: of a new user", file: "address,name,password,must_change_password\nnew@example.org,New,Quartz-Meadow-41,yes\n", plan: new + " password:>(set) must_change_password:false>true"},
		{sentence: "password: of a user who is there it is passed over", file: "address,password\nann@example.org,Quartz-Meadow-41\n", plan: "unchanged password!password-passed-over"},
		{sentence: "password_hash: {SHA512-CRYPT} or a bare $6$", file: "address,name,password_hash\nnew@example.org,New,$6$saltsalt$" + strings.Repeat("x", 86) + "\n", plan: new + " password:>(set)"},
		{sentence: "password_hash: within bounds (bcrypt cost 4–14 …; else an error)", file: "address,name,password_hash\nnew@example.org,New,$2b$15$" + strings.Repeat("x", 53) + "\n", plan: "error password_hash!password-hash-bounds"},
		{sentence: "delegates of a row: of a user of a later row", file: "address,name,delegate1\nann@example.org,,new@example.org\nnew@example.org,New,\n", plan: "update delegate:>new@example.org " + new},
		{sentence: "partial: the good rows can be applied", file: "address,name\nbad,\nnew@example.org,New\n", plan: "error address!address-invalid " + new},
		{sentence: "notes and attributes keep a line break, a name does not", file: "address,name,notes\nnew@example.org,\"New\nOne\",\"a\nb\"\n", plan: new + " One notes:>a b name!line-break"},
		{sentence: "type, mailbox_gb, locked, pop, submit, password_never_expires", file: "address,name,type,locked,pop,submit,password_never_expires\nnew@example.org,New,shared,1,Y,yes,TRUE\n",
			plan: new + " type:user>shared locked:false>true pop:false>true submit:false>true password_never_expires:false>true"},
		{sentence: "JSON lines: the same names, whatever the file is called", file: `{"address":"ann@example.org","title":"Dr","aliases":["b@example.org"],"groups":["Wards"],"attributes":{"Floor":"4"}}` + "\n",
			plan: "file kind-misnamed update title:Ms>Dr alias:>b@example.org attr.Floor:3>4"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			w := musterWorld(t)
			c.file = strings.ReplaceAll(c.file, "$ann", w.User("ann@example.org").ID.String())
			if imp := c.check(t, w, "muster"); imp.Strict && c.refused == "" {
				t.Error("rows in error keep the others from being applied")
			}
		})
	}
}
