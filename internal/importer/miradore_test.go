package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// miradoreCase is a file, what its plan says and what the users have once it is
// applied, beside the sentence of the Miradore document that says so. [ours] is what
// the document leaves open.
type miradoreCase struct {
	sentence string
	file     string
	options  importer.Options
	plan     string // a line for each row: the action, then changes or codes
	after    string // a line for each account: user, type, address, values, passwords
}

// miradoreWorld has Ann, who has an account of each type, and Ben, who has none.
func miradoreWorld(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Add("ann@example.org", "RX1", "alias", "ann.lee@example.org")
	w.Add("ben@example.org", "RX1")
	w.Set("ann@example.org", "account", "email ann@mail.example", "account.display_name", "Ann Lee", "account.incoming_user", "ann",
		"account.incoming_password", "in-1", "account.outgoing_user", "ann-out")
	w.Set("ann@example.org", "account", "exchange ann@corp.example", "account.user", "ann", "account.domain", "CORP", "account.password", "ex-1")
	return w
}

const (
	annsEmail    = "ann email ann@mail.example Ann Lee/ann/in-1/ann-out/\n"
	annsExchange = "ann exchange ann@corp.example ann/CORP/ex-1\n"
	annHas       = annsEmail + annsExchange
)

// planned is what the plan says of each row, without the changes that begin in one of
// some ways.
func planned(w *importertest.World, imp *importer.Import, without ...string) string {
	var b strings.Builder
	for _, i := range imp.FileIssues {
		fmt.Fprintf(&b, "file %s\n", i.Code)
	}
	for _, r := range w.Rows(imp) {
		b.WriteString(string(r.Action))
		for _, c := range r.Changes {
			text := fmt.Sprintf("%s:%s>%s", c.Field[strings.LastIndex(c.Field, " ")+1:], c.Old, c.New)
			if !slices.ContainsFunc(without, func(beginning string) bool { return strings.HasPrefix(text, beginning) }) {
				b.WriteString(" " + text)
			}
		}
		for _, i := range r.Issues {
			fmt.Fprintf(&b, " %s!%s", i.Column, i.Code)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// accountsOf lists the e-mail accounts of all users, their passwords opened.
func accountsOf(t *testing.T, w *importertest.World) string {
	t.Helper()
	var b strings.Builder
	for _, address := range w.Users() {
		u := w.User(address)
		name, _, _ := strings.Cut(address, "@")
		for _, a := range u.Accounts {
			var values []string
			for _, s := range directory.AccountSpecs(a.Type) {
				values = append(values, valueOf(t, w, u, a, s.Field))
			}
			fmt.Fprintf(&b, "%s %s %s\n", name, a.AccountKey, strings.Join(values, "/"))
		}
	}
	return b.String()
}

func valueOf(t *testing.T, w *importertest.World, u *directory.User, a directory.Account, f directory.AccountField) string {
	t.Helper()
	if !f.Secret() || a.Values[f] == "" {
		return a.Values[f]
	}
	plain, err := w.Importer.Key.Open(a.Passwords[f].Sealed, a.Context(u.ID, f))
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func (c *miradoreCase) check(t *testing.T, format string) {
	w := miradoreWorld(t)
	c.options.Format = format
	imp := w.Plan(c.file, c.options)
	if got := planned(w, imp); got != c.plan {
		t.Errorf("planned\n%swant\n%s", got, c.plan)
	}
	if imp.State == importer.Planned && imp.Counts[directory.Refuse] < imp.Rows && !imp.Strict {
		w.Apply(imp)
	}
	if got := accountsOf(t, w); got != c.after {
		t.Errorf("after it\n%swant\n%s", got, c.after)
	}
}

func TestMiradoreEmail(t *testing.T) {
	for _, c := range []miradoreCase{
		{sentence: "you can import multiple user email accounts at once",
			file: "ben@example.org,Ben,ben@mail.example,ben,in-2,ben-out,out-2\nann@example.org,Ann,ann@new.example,ann,,ann,\n",
			plan: "update account:>email ben@mail.example display_name:>Ben incoming_user:>ben incoming_password:>(set) outgoing_user:>ben-out outgoing_password:>(set)\n" +
				"update account:>email ann@new.example display_name:>Ann incoming_user:>ann outgoing_user:>ann\n",
			after: annsEmail + "ann email ann@new.example Ann/ann//ann/\n" + annsExchange + "ben email ben@mail.example Ben/ben/in-2/ben-out/out-2\n"},
		{sentence: "Importing e-mail accounts allows you to have mailboxes configured automatically to your users' devices: a user's several mailboxes",
			file: "ben@example.org,Ben,ben@mail.example,b,,b\nben@example.org,Ward,ward@mail.example,w,,w\n",
			plan: "update account:>email ben@mail.example display_name:>Ben incoming_user:>b outgoing_user:>b\n" +
				"update account:>email ward@mail.example display_name:>Ward incoming_user:>w outgoing_user:>w\n",
			after: annHas + "ben email ben@mail.example Ben/b//b/\nben email ward@mail.example Ward/w//w/\n"},
		{sentence: "select the correct type of the email accounts to import (either Mail for Exchange or Email): a file of the other type",
			file: "ann@example.org,ann@corp.example,ann,CORP,ex-1\n",
			plan: "error F!value-missing C!address-invalid\n", after: annHas},
		{sentence: "pay attention that the data fields are ordered correctly: the account before the user",
			file: "ben@mail.example,Ben,ben@example.org,ben,,ben\n",
			plan: "discard A!user-not-found\n", after: annHas},
		{sentence: "Email: User email",
			file: ",Ben,ben@mail.example,ben,,ben\n", plan: "error A!value-missing\n", after: annHas},
		{sentence: "user display name", file: "ben@example.org,,ben@mail.example,ben,,ben\n", plan: "error B!value-missing\n", after: annHas},
		{sentence: "email address", file: "ben@example.org,Ben,,ben,,ben\n", plan: "error C!value-missing\n", after: annHas},
		{sentence: "email address: one that is none", file: "ben@example.org,Ben,ben at mail,ben,,ben\n", plan: "error C!address-invalid\n", after: annHas},
		{sentence: "incoming server user name", file: "ben@example.org,Ben,ben@mail.example,,,ben\n", plan: "error D!value-missing\n", after: annHas},
		{sentence: "incoming server password (optional)", file: "ben@example.org,Ben,ben@mail.example,ben,,out,\n",
			plan:  "update account:>email ben@mail.example display_name:>Ben incoming_user:>ben outgoing_user:>out\n",
			after: annHas + "ben email ben@mail.example Ben/ben//out/\n"},
		{sentence: "incoming server password: any, for it is no password of this directory", file: "ben@example.org,Ben,ben@mail.example,ben,ben,out\n",
			plan:  "update account:>email ben@mail.example display_name:>Ben incoming_user:>ben incoming_password:>(set) outgoing_user:>out\n",
			after: annHas + "ben email ben@mail.example Ben/ben/ben/out/\n"},
		{sentence: "outgoing server user name", file: "ben@example.org,Ben,ben@mail.example,ben,in\n", plan: "error F!value-missing\n", after: annHas},
		{sentence: "outgoing server password (optional): the column may be missing", file: "ben@example.org,Ben,ben@mail.example,ben,in,out\n",
			plan:  "update account:>email ben@mail.example display_name:>Ben incoming_user:>ben incoming_password:>(set) outgoing_user:>out\n",
			after: annHas + "ben email ben@mail.example Ben/ben/in/out/\n"},
		{sentence: "the data fields are ordered: one too many", file: "ben@example.org,Ben,ben@mail.example,ben,in,out,out-2,more\n",
			plan: "error H!row-too-long\n", after: annHas},
		{sentence: "The 'User email' field is used as an identifier for looking up a user: case does not matter",
			file: "Ann@Example.ORG,Ann Lee,ANN@mail.example,ann,in-1,ann-out\n", plan: "unchanged\n", after: annHas},
		{sentence: "If the 'User email' field matches an existing user's email address, the account is added",
			file:  "ann@example.org,Ann,second@mail.example,a,,a\n",
			plan:  "update account:>email second@mail.example display_name:>Ann incoming_user:>a outgoing_user:>a\n",
			after: annsEmail + "ann email second@mail.example Ann/a//a/\n" + annsExchange},
		{sentence: "or updated: a value", file: "ann@example.org,Dr Lee,ann@mail.example,ann,,ann-out\n",
			plan: "update display_name:Ann Lee>Dr Lee\n", after: strings.Replace(annHas, "Ann Lee", "Dr Lee", 1)},
		{sentence: "or updated: a password", file: "ann@example.org,Ann Lee,ann@mail.example,ann,in-2,ann-out\n",
			plan: "update incoming_password:(set)>(set)\n", after: strings.Replace(annHas, "in-1", "in-2", 1)},
		{sentence: "or updated: the same again changes nothing [ours]", file: "ann@example.org,Ann Lee,ann@mail.example,ann,in-1,ann-out\n",
			plan: "unchanged\n", after: annHas},
		{sentence: "or updated: a blank password keeps the one that is there [ours]", file: "ann@example.org,Ann Lee,ann@mail.example,ann,,ann-out,\n",
			plan: "unchanged\n", after: annHas},
		{sentence: "or updated: (clear) takes a password away [ours]", file: "ann@example.org,Ann Lee,ann@mail.example,ann,(clear),ann-out\n",
			plan: "update incoming_password:(set)>\n", after: strings.Replace(annHas, "in-1", "", 1)},
		{sentence: "an address of an account may be anybody's, for it is a mailbox elsewhere [ours]",
			file:  "ben@example.org,Ann,ann@example.org,a,,a\n",
			plan:  "update account:>email ann@example.org display_name:>Ann incoming_user:>a outgoing_user:>a\n",
			after: annHas + "ben email ann@example.org Ann/a//a/\n"},
		{sentence: "If no user is matched, the line is discarded.", file: "nobody@example.org,No,no@mail.example,n,secret,n\nben@example.org,Ben,ben@mail.example,b,,b\n",
			plan:  "discard A!user-not-found\nupdate account:>email ben@mail.example display_name:>Ben incoming_user:>b outgoing_user:>b\n",
			after: annHas + "ben email ben@mail.example Ben/b//b/\n"},
		{sentence: "the line is discarded: a user of no domain, a reserved address, the same nobody twice",
			file: "nobody@elsewhere.example,No,no@mail.example,n,,n\npostmaster@example.org,No,no@mail.example,n,,n\npostmaster@example.org,No,no@mail.example,n,,n\n",
			plan: "discard A!user-not-found\ndiscard A!user-not-found\ndiscard A!user-not-found\n", after: annHas},
		{sentence: "an existing user's email address: an alias names its user in the message [ours]", file: "ann.lee@example.org,Ann,a@mail.example,a,,a\n",
			plan: "error A!address-is-alias\n", after: annHas},
		{sentence: "choose a delimiter according to your data: it is found", file: "ben@example.org;Ben;ben@mail.example;b;;b\n",
			plan:  "update account:>email ben@mail.example display_name:>Ben incoming_user:>b outgoing_user:>b\n",
			after: annHas + "ben email ben@mail.example Ben/b//b/\n"},
		{sentence: "choose a delimiter: a wrong one", file: "ben@example.org;Ben;ben@mail.example;b;;b\n", options: importer.Options{Delimiter: "pipe"},
			plan: "error B!value-missing C!value-missing D!value-missing F!value-missing A!address-invalid\n", after: annHas},
		{sentence: "After the correct delimiter has been chosen, the preview windows organizes the data", file: "ben@example.org|Ben, MD|ben@mail.example|b||b\n",
			options: importer.Options{Delimiter: "pipe"},
			plan:    "update account:>email ben@mail.example display_name:>Ben, MD incoming_user:>b outgoing_user:>b\n",
			after:   annHas + "ben email ben@mail.example Ben, MD/b//b/\n"},
		{sentence: "Review the imported data for possible errors: all of a row, and the others go ahead",
			file:  "ben@example.org,,mail,,,\nben@example.org,Ben,ben@mail.example,b,,b\n",
			plan:  "error B!value-missing D!value-missing F!value-missing C!address-invalid\nupdate account:>email ben@mail.example display_name:>Ben incoming_user:>b outgoing_user:>b\n",
			after: annHas + "ben email ben@mail.example Ben/b//b/\n"},
		{sentence: "possible errors: the same account of the same user twice",
			file:  "ben@example.org,Ben,ben@mail.example,b,,b\nben@example.org,Ben,BEN@mail.example,c,,c\n",
			plan:  "update account:>email ben@mail.example display_name:>Ben incoming_user:>b outgoing_user:>b\nerror C!duplicate-in-file\n",
			after: annHas + "ben email ben@mail.example Ben/b//b/\n"},
		{sentence: "possible errors: a first line of headings is noticed, and read [ours]",
			file:  "User email,Name,Address,User,Password,User,Password\nben@example.org,Ben,ben@mail.example,b,,b\n",
			plan:  "file headings-likely\nerror A!address-invalid C!address-invalid\nupdate account:>email ben@mail.example display_name:>Ben incoming_user:>b outgoing_user:>b\n",
			after: annHas + "ben email ben@mail.example Ben/b//b/\n"},
		{sentence: "possible errors: headings that are to be skipped [ours]", options: importer.Options{SkipHeader: true},
			file:  "User email,Name,Address,User,Password,User,Password\nben@example.org,Ben,ben@mail.example,b,,b\n",
			plan:  "update account:>email ben@mail.example display_name:>Ben incoming_user:>b outgoing_user:>b\n",
			after: annHas + "ben email ben@mail.example Ben/b//b/\n"},
	} {
		t.Run(c.sentence, func(t *testing.T) { c.check(t, "miradore-email") })
	}
}

func TestMiradoreExchange(t *testing.T) {
	const (
		bens    = "ben exchange ben@corp.example ben//\n"
		newBens = "update account:>exchange ben@corp.example user:>ben\n"
	)
	for _, c := range []miradoreCase{
		{sentence: "you can import multiple user email accounts at once", file: "ben@example.org,ben@corp.example,ben,CORP,ex-2\nann@example.org,new@corp.example,ann\n",
			plan:  "update account:>exchange ben@corp.example user:>ben domain:>CORP password:>(set)\nupdate account:>exchange new@corp.example user:>ann\n",
			after: annHas + "ann exchange new@corp.example ann//\nben exchange ben@corp.example ben/CORP/ex-2\n"},
		{sentence: "Importing e-mail accounts allows you to have mailboxes configured: a user's several mailboxes", file: "ben@example.org,ben@corp.example,ben\nben@example.org,ward@corp.example,ward\n",
			plan: newBens + "update account:>exchange ward@corp.example user:>ward\n", after: annHas + bens + "ben exchange ward@corp.example ward//\n"},
		{sentence: "select the correct type (either Mail for Exchange or Email): a file of the other type", file: "ann@example.org,Ann Lee,ann@mail.example,ann,in-1,ann-out\n",
			plan: "error F!row-too-long B!address-invalid\n", after: annHas},
		{sentence: "the type: an account of the other type with the same address is another", file: "ann@example.org,ann@mail.example,ann\n",
			plan: "update account:>exchange ann@mail.example user:>ann\n", after: annHas + "ann exchange ann@mail.example ann//\n"},
		{sentence: "pay attention that the data fields are ordered correctly: the account before the user", file: "ben@corp.example,ben@example.org,ben\n",
			plan: "discard A!user-not-found\n", after: annHas},
		{sentence: "Mail for Exchange: User email", file: ",ben@corp.example,ben\n", plan: "error A!value-missing\n", after: annHas},
		{sentence: "User email: one that is none", file: "ben,ben@corp.example,ben\n", plan: "error A!address-invalid\n", after: annHas},
		{sentence: "Exchange email", file: "ben@example.org,,ben\n", plan: "error B!value-missing\n", after: annHas},
		{sentence: "Exchange email: one that is none", file: "ben@example.org,CORP\\ben,ben\n", plan: "error B!address-invalid\n", after: annHas},
		{sentence: "Exchange user name", file: "ben@example.org,ben@corp.example,,CORP\n", plan: "error C!value-missing\n", after: annHas},
		{sentence: "Exchange domain (optional): blank", file: "ben@example.org,ben@corp.example,ben,,ex-2\n",
			plan: "update account:>exchange ben@corp.example user:>ben password:>(set)\n", after: annHas + "ben exchange ben@corp.example ben//ex-2\n"},
		{sentence: "Exchange password (optional): the columns at the end may be missing", file: "ben@example.org,ben@corp.example,ben\n", plan: newBens, after: annHas + bens},
		{sentence: "Exchange password: as it is in the cell, with the delimiter in quotes", file: "ben@example.org,ben@corp.example,ben,,\"a,b\"\n",
			plan: "update account:>exchange ben@corp.example user:>ben password:>(set)\n", after: annHas + "ben exchange ben@corp.example ben//a,b\n"},
		{sentence: "the data fields are ordered: one too many", file: "ben@example.org,ben@corp.example,ben,CORP,ex-2,more\n", plan: "error F!row-too-long\n", after: annHas},
		{sentence: "the data fields: delimiters behind the last are none", file: "ben@example.org,ben@corp.example,ben,,,,\n", plan: newBens, after: annHas + bens},
		{sentence: "The 'User email' field is used as an identifier: blanks round it are taken off, with a warning", file: " ben@example.org ,ben@corp.example,ben\n",
			plan: "update account:>exchange ben@corp.example user:>ben A!address-trimmed\n", after: annHas + bens},
		{sentence: "matches an existing user's email address, the account is added", file: "ben@example.org,ben@corp.example,ben\n", plan: newBens, after: annHas + bens},
		{sentence: "or updated: the domain", file: "ann@example.org,ann@corp.example,ann,OTHER\n", plan: "update domain:CORP>OTHER\n", after: strings.Replace(annHas, "CORP", "OTHER", 1)},
		{sentence: "or updated: the user name and the password", file: "ann@example.org,ann@corp.example,lee,CORP,ex-2\n",
			plan: "update user:ann>lee password:(set)>(set)\n", after: annsEmail + "ann exchange ann@corp.example lee/CORP/ex-2\n"},
		{sentence: "or updated: the same again changes nothing [ours]", file: "ann@example.org,ann@corp.example,ann,CORP,ex-1\n", plan: "unchanged\n", after: annHas},
		{sentence: "or updated: a blank keeps, (clear) empties [ours]", file: "ann@example.org,ann@corp.example,ann,(clear)\n", plan: "update domain:CORP>\n",
			after: strings.Replace(annHas, "CORP", "", 1)},
		{sentence: "If no user is matched, the line is discarded: the others go ahead", file: "nobody@example.org,no@corp.example,no,,secret\nben@example.org,ben@corp.example,ben\n",
			plan: "discard A!user-not-found\n" + newBens, after: annHas + bens},
		{sentence: "find your CSV file: its charset is that of every file", file: "ben@example.org,ben@corp.example,Bénédicte\n",
			plan: "update account:>exchange ben@corp.example user:>Bénédicte\n", after: annHas + "ben exchange ben@corp.example Bénédicte//\n"},
		{sentence: "choose a delimiter according to your data: tabs are found", file: "ben@example.org\tben@corp.example\tben\n", plan: newBens, after: annHas + bens},
		{sentence: "choose a delimiter: one that is chosen", file: "ben@example.org;ben@corp.example;ben\n", options: importer.Options{Delimiter: "semicolon"}, plan: newBens, after: annHas + bens},
		{sentence: "Review the imported data for possible errors: a quote that is not closed costs its own line", file: "ben@example.org,\"ben@corp.example,ben\nben@example.org,ben@corp.example,ben\n",
			plan: "error B!quote-unclosed\n" + newBens, after: annHas + bens},
		{sentence: "possible errors: all or nothing, where that is asked for [ours]", options: importer.Options{Mode: "strict"},
			file: "ben@example.org,corp,ben\nben@example.org,ben@corp.example,ben\n", plan: "error B!address-invalid\n" + newBens, after: annHas},
		{sentence: "After you have reviewed the data, click Import: a results file is understood [ours]", file: "ben@example.org,ben@corp.example,ben,,,Left out: A: There was something.\n",
			plan: newBens, after: annHas + bens},
	} {
		t.Run(c.sentence, func(t *testing.T) { c.check(t, "miradore-exchange") })
	}
}

// "email, first name, last name, middle initial, phone" [known], a user a row.
func TestMiradoreUsersSentences(t *testing.T) {
	const (
		cy   = "create address:>cy@example.org first:>Cy last:>Lund name:>Cy Lund"
		bens = "update first:>Ben last:>Hale"
	)
	for _, c := range []sentenceCase{
		{sentence: "email, first name, last name, middle initial, phone [known]", file: "cy@example.org,Cy,Lund,J,+46 8 123 456 78\n", plan: cy + " telephone:>+46 8 123 456 78 initial:>J"},
		{sentence: "there are no headings: every line is a user [known]", file: "cy@example.org,Cy,Lund\ndee@example.org,Dee,Ode\n",
			plan: cy + " create address:>dee@example.org first:>Dee last:>Ode name:>Dee Ode"},
		{sentence: "no headings: a first line that looks like some is noticed, and read [ours]", file: "Email,First name,Last name\ncy@example.org,Cy,Lund\n",
			plan: "file headings-likely error A!address-invalid " + cy},
		{sentence: "no headings: they are skipped if that is asked for [ours]", options: importer.Options{SkipHeader: true}, file: "Email,First name,Last name\ncy@example.org,Cy,Lund\n", plan: cy},
		{sentence: "email: required [known]", file: "ben@example.org,Ben,Hale\n,Cy,Lund\n", plan: bens + " error A!value-missing"},
		{sentence: "first name: required [known]", file: "cy@example.org,,Lund\n", plan: "error B!value-missing"},
		{sentence: "last name: required [known]", file: "cy@example.org,Cy\n", plan: "error C!value-missing"},
		{sentence: "the first three are required: all that is missing is told [known]", file: "ben@example.org,Ben,Hale\n,,,J\n", plan: bens + " error A!value-missing B!value-missing C!value-missing"},
		{sentence: "middle initial: optional [known]", file: "cy@example.org,Cy,Lund,,+46 8 123 456 78\n", plan: cy + " telephone:>+46 8 123 456 78"},
		{sentence: "middle initial: it is kept as an attribute [ours]", file: "cy@example.org,Cy,Lund,J\n", plan: cy + " initial:>J"},
		{sentence: "phone: optional, and the columns at the end may be missing [known]", file: "cy@example.org,Cy,Lund\n", plan: cy},
		{sentence: "phones international: a national one [known]", file: "cy@example.org,Cy,Lund,,01632 960101\n", plan: "error E!phone-not-international"},
		{sentence: "phones international: with 00 in place of + [known]", file: "cy@example.org,Cy,Lund,,0046 8 123 456 78\n", plan: "error E!phone-not-international"},
		{sentence: "phones international: with + and no number [known]", file: "cy@example.org,Cy,Lund,,+46 none\n", plan: "error E!phone-not-international"},
		{sentence: "the order of the columns: the name before the address", file: "Cy,Lund,cy@example.org\n", plan: "error A!address-invalid"},
		{sentence: "the columns: one too many", file: "cy@example.org,Cy,Lund,J,+46 8 123 456 78,more\n", plan: "error F!row-too-long"},
		{sentence: "the columns: delimiters behind the last are none", file: "cy@example.org,Cy,Lund,,,,\n", plan: cy},
		{sentence: "email: the user who has the address is updated", file: "ann@example.org,Ann,Lee\n", plan: "update first:>Ann last:>Lee"},
		{sentence: "email: case does not matter, and blanks round it are taken off", file: " ANN@Example.org ,Ann,Lee\n", plan: "update first:>Ann last:>Lee A!address-trimmed"},
		{sentence: "email: an alias names its user in the message [ours]", file: "ann.lee@example.org,Ann,Lee\n", plan: "error A!address-is-alias"},
		{sentence: "email: one that is none", file: "ben@example.org,Ben,Hale\ncy at example.org,Cy,Lund\n", plan: bens + " error A!address-invalid"},
		{sentence: "email: in a domain that is not known", file: "cy@exmaple.org,Cy,Lund\n", plan: "error A!domain-unknown"},
		{sentence: "email: the same twice", file: "cy@example.org,Cy,Lund\nCY@example.org,Cy,Lund\n", plan: cy + " error A!duplicate-in-file"},
		{sentence: "phone: a blank keeps what is there [ours]", file: "cy@example.org,Cy,Lund,J,\n", plan: cy + " initial:>J"},
		{sentence: "choose a delimiter according to your data: it is found", file: "cy@example.org;Cy;Lund;J\n", plan: cy + " initial:>J"},
		{sentence: "choose a delimiter: a wrong one", options: importer.Options{Delimiter: "tab"}, file: "cy@example.org;Cy;Lund\n", plan: "error B!value-missing C!value-missing A!address-invalid"},
		{sentence: "Review the imported data for possible errors: the others go ahead", file: "ben@example.org,Ben,Hale\ncy,Cy,Lund\ndee@example.org,Dee,Ode\n",
			plan: bens + " error A!address-invalid create address:>dee@example.org first:>Dee last:>Ode name:>Dee Ode"},
		{sentence: "possible errors: a quote that is not closed costs its own line", file: "ben@example.org,\"Ben,Hale\ncy@example.org,Cy,Lund\n", plan: "error B!quote-unclosed " + cy},
		{sentence: "After you have reviewed the data, click Import: a results file is understood [ours]", file: "cy@example.org,Cy,Lund,,,Left out: A: There was something.\n", plan: cy},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			if imp := c.check(t, miradoreWorld(t), "miradore-users"); imp.Strict {
				t.Error("a row in error keeps the others from being applied")
			}
		})
	}
}
