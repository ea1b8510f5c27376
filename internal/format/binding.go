package format

import (
	"slices"
	"strconv"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/table"
)

// Binding is a format applied to the headings of one file. It is not changed by
// reading, so several goroutines may use it.
type Binding struct {
	format   *Format
	headings []string // trimmed, without Muster's own result columns
	left     int      // how many of them stand left of the checkpoint cell
	own      []string // Muster's own result columns at the end
	slots    []slot   // where the cells go, for each heading; blank ones at the end have none
	made     []made   // what is made of several cells, or of none
	labels   map[string]string
	notes    []issue.Issue
	column   func(string) string
	password int
	secret   int // the first secret column; -1 without one
	function int // the column that tells how a password is hashed; -1 without one
}

// slot is where the cells of one column go.
type slot struct {
	kind     kind
	field    directory.Field
	account  directory.AccountField
	name     string // in format "muster"
	label    string // what issues call the column
	required bool
	address  bool
	hidden   bool // passed over, but by its heading it may hold passwords
	shape    *Shape
	number   int  // of aliasN, delegateN, groupN
	first    bool // the lowest of these numbers in the file
}

type kind int

const (
	passedOver kind = iota
	value
	identity
	newAddress
	plainPassword
	hashedPassword
	hashFunction
	alias
	delegate
	group
	attribute
	accountAddress
	accountValue
)

func (s slot) secret() bool {
	return s.kind == plainPassword || s.kind == hashedPassword || s.kind == accountValue && s.account.Secret() || s.hidden
}

func (s slot) list() bool { return s.kind == alias || s.kind == delegate || s.kind == group }

var kinds = map[string]kind{
	"":                  passedOver,
	"id":                identity,
	"rename_to":         newAddress,
	"password":          plainPassword,
	"password_hash":     hashedPassword,
	"password_function": hashFunction,
}

var lists = []struct {
	prefix string
	kind   kind
}{{"alias", alias}, {"delegate", delegate}, {"group", group}}

const attributePrefix = "attr."

// AccountPrefix begins the names of the values of an e-mail account.
const AccountPrefix = "account."

// fold makes headings comparable, in the way of strings.EqualFold.
func fold(heading string) string { return strings.ToLower(strings.ToUpper(heading)) }

// slot returns where the cells below a heading go, if the format knows it.
func (f *Format) slot(heading string) (slot, bool) {
	if c, ok := f.column(heading); ok {
		return f.slotOf(c), true
	}
	if s, ok := f.listColumn(f.key(heading)); ok {
		return s, true
	}
	if f.Attributes {
		return attributeSlot(heading)
	}
	return slot{}, false
}

// key makes headings comparable, in the way of the format.
func (f *Format) key(heading string) string {
	if f.Checkpoint {
		return heading // "case sensitive"
	}
	return fold(heading)
}

// listColumn understands the headings alias1 … of a format that has such.
func (f *Format) listColumn(key string) (slot, bool) {
	for prefix, most := range f.Lists {
		if s, ok := listSlot(key); ok && strings.HasPrefix(key, prefix) && (most == 0 || s.number <= most) {
			return s, true
		}
	}
	return slot{}, false
}

// is reports whether a heading, folded, is the column's.
func (c Column) is(key string) bool {
	return fold(c.Heading) == key || slices.ContainsFunc(c.Also, func(other string) bool { return fold(other) == key })
}

// column returns the column of a heading.
func (f *Format) column(heading string) (Column, bool) {
	key := fold(heading)
	i := slices.IndexFunc(f.Columns, func(c Column) bool { return c.is(key) && (!f.Checkpoint || c.Heading == heading) })
	if i < 0 {
		return Column{}, false
	}
	return f.Columns[i], true
}

func (f *Format) slotOf(c Column) slot {
	s, ofAccount := f.accountSlot(c.Name)
	if !ofAccount {
		s = slotNamed(c.Name)
	}
	s.required, s.shape = c.Required, c.Shape
	s.hidden = s.kind == passedOver && maySayPassword(c.Heading)
	return s
}

// slotNamed returns where the value of a name goes.
func slotNamed(name string) slot {
	s := slot{name: name}
	if k, special := kinds[name]; special {
		s.kind = k
	} else if f, ok := directory.FieldNamed(name); ok {
		s.kind, s.field = value, f
	} else if one, ok := listSlot(name); ok {
		return one
	} else if one, ok := attributeSlot(name); ok {
		return one
	}
	s.address = s.kind == newAddress || s.kind == value && s.field == directory.Address
	return s
}

// accountSlot understands account.NAME in a format whose rows are about e-mail accounts.
func (f *Format) accountSlot(name string) (slot, bool) {
	own, ok := strings.CutPrefix(name, AccountPrefix)
	if !ok || f.Account == "" {
		return slot{}, false
	}
	if own == "address" {
		return slot{kind: accountAddress, name: name, address: true}, true
	}
	for _, spec := range directory.AccountSpecs(f.Account) {
		if spec.Name == own {
			return slot{kind: accountValue, name: name, account: spec.Field}, true
		}
	}
	return slot{}, false
}

// attributeSlot understands attr.NAME.
func attributeSlot(heading string) (slot, bool) {
	if !strings.HasPrefix(fold(heading), attributePrefix) {
		return slot{}, false
	}
	name := table.Trim(heading[len(attributePrefix):])
	return slot{kind: attribute, name: attributePrefix + name}, name != ""
}

// listSlot understands alias1, delegate12, group3: a number from 1 on.
func listSlot(key string) (slot, bool) {
	for _, l := range lists {
		digits, ok := strings.CutPrefix(key, l.prefix)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(digits)
		return slot{kind: l.kind, name: key, number: n, address: l.kind != group}, err == nil && n > 0 && strconv.Itoa(n) == digits
	}
	return slot{}, false
}

// Bind finds the columns of the format in the first row of a table; of a format that
// is Positional, the row may be one of blank cells, and nothing is refused. The error is
// an issue.Issue that refuses the file: "header-unknown", "header-twice",
// "header-missing", "header-order", or what the table found wrong with the row.
func (f *Format) Bind(header table.Row) (*Binding, error) {
	if len(header.Issues) > 0 {
		return nil, header.Issues[0]
	}
	headings := header.Texts()
	if f.Positional {
		return f.bindPositions(len(trimBlank(headings)) > 0), nil
	}
	left := 0
	if f.Checkpoint {
		if left = f.checkpoint(headings); left < 0 || !MayHoldCheckpoint(header) {
			return nil, f.noCheckpoint(headings, header.Line)
		}
	}
	b := f.bind(headings, left)
	if i, wrong := f.check(headings[left:len(b.slots)]); wrong {
		i.Line = header.Line
		return nil, i
	}
	return b, nil
}

func (f *Format) bind(headings []string, left int) *Binding {
	kept := ownFrom(headings)
	b := newBinding(f, headings[:kept], headings[kept:])
	b.left = left
	for i, heading := range trimBlank(b.headings) {
		s := b.slotAt(i, heading)
		b.slots = append(b.slots, s)
		b.note(i, s)
	}
	b.bindValues()
	for _, l := range lists {
		b.markFirst(l.kind, l.prefix+"1")
	}
	return b
}

// slotAt is where the cells of a column go; what the format does not know, goes nowhere
// or, beside a checkpoint cell, into an attribute.
func (b *Binding) slotAt(n int, heading string) slot {
	if n < b.left {
		return leftSlot(b.headings, n)
	}
	s, known := b.format.slot(heading)
	if !known && b.format.Checkpoint {
		s = otherSlot(heading)
		b.noteOther(n, heading, s)
	}
	s.label = label(b.headings, n)
	return s
}

func newBinding(f *Format, headings, own []string) *Binding {
	b := &Binding{format: f, headings: headings, own: own, labels: map[string]string{}, password: -1, secret: -1, function: -1}
	b.column = b.labelOf
	return b
}

func (b *Binding) note(i int, s slot) {
	if s.kind != passedOver {
		b.labels[s.name] = s.label
	}
	if s.kind == plainPassword {
		b.password = i
	}
	if s.kind == hashFunction {
		b.function = i
	}
	if s.secret() && b.secret < 0 {
		b.secret = i
	}
}

// markFirst finds the column, or value, of a list with the lowest number.
func (b *Binding) markFirst(k kind, name string) {
	var first *slot
	lower := func(s *slot) {
		if s.kind == k && (first == nil || s.number < first.number) {
			first = s
		}
	}
	for i := range b.slots {
		lower(&b.slots[i])
	}
	for i := range b.made {
		lower(&b.made[i].slot)
	}
	if first != nil {
		first.first = true
		b.labels[name] = first.label
	}
}

// labelOf returns what issues call the column of a value; empty where the file
// has no such column.
func (b *Binding) labelOf(name string) string { return b.labels[name] }

// label is what issues call a column: its heading, or else its letter.
func label(headings []string, i int) string {
	if i < len(headings) && headings[i] != "" {
		return headings[i]
	}
	return table.Letter(i)
}

// trimBlank leaves blank headings at the end out, which a trailing delimiter makes.
func trimBlank(headings []string) []string {
	for len(headings) > 0 && headings[len(headings)-1] == "" {
		headings = headings[:len(headings)-1]
	}
	return headings
}

// ownFrom returns where Muster's own result columns begin, which is the number
// of headings where there are none.
func ownFrom(headings []string) int {
	from := len(headings)
	for i := len(trimBlank(headings)) - 1; i >= 0; i-- {
		switch fold(headings[i]) {
		case "result":
			from = i
		case "email address", "password":
		default:
			return from
		}
	}
	return from
}

// Headings returns the headings of the file without outer blanks and without
// Muster's own result columns. It must not be changed.
func (b *Binding) Headings() []string { return b.headings }

// Secret reports whether the cells of a column, counted from 0, must never be
// kept: passwords and password hashes, also among Muster's own result columns,
// and whatever stands beyond the headings.
func (b *Binding) Secret(column int) bool {
	if column < len(b.slots) {
		return b.slots[column].secret()
	}
	if column < len(b.headings) {
		return false
	}
	own := column - len(b.headings)
	return own >= len(b.own) || fold(b.own[own]) == "password"
}

// SecretColumn returns the place of the column that holds the first of some secret
// values, by their names, that the file has; -1 where it has none.
func (b *Binding) SecretColumn(names ...string) int {
	for _, name := range names {
		if n := slices.IndexFunc(b.slots, func(s slot) bool { return s.name == name && s.secret() }); n >= 0 {
			return n
		}
	}
	return -1
}

// PasswordColumn returns the place of the format's own password column, from 0,
// or -1 where the file has none.
func (b *Binding) PasswordColumn() int { return b.password }
