package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
)

// The files that are imported.
const (
	plain     = "plain"     // format muster, without passwords
	hashed    = "hashed"    // with ready hashes
	generated = "generated" // format nhsmail: addresses and passwords are generated
	supplied  = "supplied"  // with passwords to hash
	bad       = "bad"       // plain, with every hundredth row in error
	changed   = "changed"   // plain, with every hundredth person in another department
	accounts  = "accounts"  // an e-mail account for each of the people, with a password; no headings
	others    = "others"    // a thousandth as many people of another organisation and domain, disabled
)

var headings = map[string]string{
	plain:     "address,name,first,last,department,telephone,local_id",
	hashed:    "address,name,first,last,department,telephone,local_id,password_hash",
	supplied:  "address,name,first,last,department,telephone,local_id,password",
	bad:       "address,name,first,last,department,telephone,local_id",
	changed:   "address,name,first,last,department,telephone,local_id",
	others:    "address,name,org,status",
	generated: "ID,Local ID,Status,Title,First Name,Last Name,Display Name,Job Title,Department,Telephone,Mobile,Pager,Fax,Notes,Organisation ODSCode,Organisational Unit,Mailbox Size",
}

// What names are made of: 16 first names and 8,000 last names, so that about a
// third of 100,000 people have a namesake.
var (
	firsts      = strings.Fields("Amina Rhys Seren Tomasz Grace Olu Megan Priya Daniel Ffion Yusuf Hannah Kofi Elin Marek Ruth")
	syllables   = strings.Fields("an ber cor dal el fen gra hol is jor ken lan mor nor os pat ran sel ten wil")
	departments = strings.Split("Cardiology,Night ward,Radiology,Pharmacy,Outpatients,Paediatrics,Theatres,Estates,Finance", ",")
)

// name returns the name of a person: the same number has always the same.
func name(i int) (first, last string) {
	h := fnv.New32a()
	fmt.Fprint(h, i)
	n := int(h.Sum32() >> 4)
	last = syllables[n%20] + syllables[n/20%20] + syllables[n/400%20]
	return firsts[n/8000%16], strings.ToUpper(last[:1]) + last[1:]
}

// aHash is that of a password that nobody has.
const aHash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$QmVuY2htYXJrIGhhc2ggb2Ygbm9ib2R5IGF0IGFsbC4"

// writeFile writes a file of n people nobody knows yet.
func writeFile(path, kind string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if kind != accounts {
		fmt.Fprintln(w, headings[kind])
	}
	if kind == others {
		n /= 1000
	}
	for i := range n {
		fmt.Fprintln(w, person(kind, i))
	}
	return w.Flush()
}

// person is the row of one person. Numbers run through names and telephones, so
// that neither repeats in order.
func person(kind string, i int) string {
	first, last := name(i)
	department := departments[i%len(departments)]
	if kind == changed && i%100 == 0 {
		department = "Dermatology"
	}
	telephone := fmt.Sprintf("01632 %06d", i*7919%1_000_000)
	if kind == generated {
		return fmt.Sprintf(",S%07d,,,%s,%s,,Registrar,%s,%s,,,,,RX1,,", i, first, last, department, telephone)
	}
	if kind == others {
		return fmt.Sprintf("%c.other%d@hillside.example,%s %s,RX2,disabled", first[0]|0x20, i, first, last)
	}
	local := fmt.Sprintf("%c.person%d", first[0]|0x20, i*7919%1_000_003)
	if kind == accounts {
		return fmt.Sprintf("%s@example.org,%s %s,%s@mail.example,%s,Quartz-%d,%s", local, first, last, local, local, i, local)
	}
	domain := "example.org"
	if kind == bad && i%100 == 0 {
		domain = "unknown.example"
	}
	row := fmt.Sprintf("%s@%s,%s %s,%s,%s,%s,%s,S%07d", local, domain, first, last, first, last, department, telephone, i)
	switch kind {
	case hashed:
		return row + `,"` + aHash + `"`
	case supplied:
		return row + fmt.Sprintf(",Quartz-%d-Zephyr", i)
	}
	return row
}
