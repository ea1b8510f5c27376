package format

import (
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/secret"
	"muster/internal/table"
)

// PasswordGone is what a results file says in place of a generated password
// that is no longer kept. Read back, it is a blank.
const PasswordGone = "(no longer kept)"

// Record reads a row; row counts from 1, the first below the headings. All that
// is wrong with the row is in the record's Issues, those of the table too. The
// record shares the row's texts, and nothing else of it.
func (b *Binding) Record(row int, r table.Row) *directory.Record {
	rec := &directory.Record{Row: row, Line: r.Line, Column: b.column}
	if b.format.Account != "" {
		rec.Account = &directory.AccountWish{Type: b.format.Account}
	}
	for _, i := range r.Issues {
		i.Row, i.Column = row, b.headingOf(i.Column)
		rec.Issues = append(rec.Issues, i)
	}
	b.tooLong(rec, r)
	readable, cell := b.readable(r), b.cellsOf(r)
	for n := range readable {
		b.read(rec, &b.slots[n], cell(n))
	}
	for n := range b.made {
		if m := &b.made[n]; m.within(readable) {
			b.read(rec, &m.slot, m.text(cell))
		}
	}
	if b.function >= 0 && b.function < readable {
		b.takeAsHash(rec, table.Trim(cell(b.function)))
	}
	rec.MadeAddress = b.madeAddress(r)
	return rec
}

// madeAddress is what a results file says of the address that was made for the
// row, unless the row's cells may have moved.
func (b *Binding) madeAddress(r table.Row) string {
	for n, heading := range b.own {
		if fold(heading) == "email address" && len(r.Issues) == 0 {
			return table.Trim(text(r, len(b.headings)+n))
		}
	}
	return ""
}

func text(r table.Row, n int) string {
	if n < len(r.Cells) {
		return r.Cells[n].Text
	}
	return ""
}

// headingOf returns the label of the column of a letter.
func (b *Binding) headingOf(letter string) string {
	for n := range b.slots {
		if table.Letter(n) == letter {
			return b.slots[n].label
		}
	}
	return letter
}

// readable returns how many columns of a row are surely what their heading says
// or at least hold no secret.
func (b *Binding) readable(r table.Row) int {
	if b.secret >= 0 && (len(r.Issues) > 0 || b.extra(r) >= 0) {
		return b.secret
	}
	return len(b.slots)
}

// extra returns the first column of a row that has a text but no heading, or -1.
func (b *Binding) extra(r table.Row) int {
	if b.format.Positional && isResult(text(r, len(b.slots))) {
		return -1
	}
	for n := len(b.slots); n < len(r.Cells); n++ {
		if own := n - len(b.headings); own >= 0 && own < len(b.own) && b.own[own] != "" {
			continue
		}
		if table.Trim(r.Cells[n].Text) != "" {
			return n
		}
	}
	return -1
}

func (b *Binding) tooLong(rec *directory.Record, r table.Row) {
	if n := b.extra(r); n >= 0 {
		report(rec, table.Letter(n), RowTooLong.New("The cell in column %s stands beyond the last of the %d %s.",
			table.Letter(n), len(b.slots), b.columns()).Suggest("%s", RowTooLong.Cure))
	}
}

func (b *Binding) columns() string {
	if b.format.Positional {
		return "columns"
	}
	return "headings"
}

func report(rec *directory.Record, column string, i issue.Issue) {
	i.Row, i.Line, i.Column = rec.Row, rec.Line, column
	rec.Issues = append(rec.Issues, i)
}

// read brings one cell into the record.
func (b *Binding) read(rec *directory.Record, s *slot, raw string) {
	text := table.Trim(raw)
	trimmed, clear, known := len(text) != len(raw), isClear(text), true
	if s.shape != nil && !clear {
		text, known = s.shape.apply(text)
	}
	switch {
	case !known:
		report(rec, s.label, ValueUnknown.New("The format does not say what %q stands for.", short(text)).Suggest("%s", ValueUnknown.Cure))
	case s.required && (text == "" || clear):
		report(rec, s.label, ValueMissing.New("Every row needs a value here."))
	case text == "":
	case clear:
		s.clear(rec)
	default:
		if s.address && trimmed {
			report(rec, s.label, AddressTrimmed.New("The blanks round %s were taken off.", text))
		}
		s.set(rec, text)
	}
}

// takeAsHash takes the password of a row for a hash, where a function is named that
// made it of one. A hash that is not taken is no password either.
func (b *Binding) takeAsHash(rec *directory.Record, function string) {
	if function == "" || isClear(function) || rec.Password == "" {
		return
	}
	if strings.EqualFold(function, "crypt") {
		rec.PasswordHash = rec.Password
	} else {
		report(rec, b.slots[b.function].label, FunctionRefused.New("Hashes of the function %q are not taken.", short(function)).Suggest("%s", FunctionRefused.Cure))
	}
	rec.Password = ""
}

func isClear(text string) bool {
	return len(text) == len(directory.Clear) && strings.EqualFold(text, directory.Clear)
}

// set puts a text where the column belongs.
func (s *slot) set(rec *directory.Record, text string) {
	switch s.kind {
	case value:
		rec.Values[s.field] = text
	case identity:
		rec.ID = text
	case newAddress:
		rec.RenameTo = text
	case accountAddress:
		rec.Account.Address = text
	case accountValue:
		rec.Account.Values[s.account] = secret.Text(text)
	case plainPassword:
		if text != PasswordGone {
			rec.Password = secret.Text(text)
		}
	case hashedPassword:
		rec.PasswordHash = secret.Text(text)
	case alias, delegate, group:
		list := s.listOf(rec)
		list.Items = append(list.Items, directory.Item{Text: text, Column: s.label})
	case attribute:
		rec.Attributes = append(rec.Attributes, directory.Attribute{Name: s.attribute(), Value: text})
	}
}

// clear does what "(clear)" asks for.
func (s *slot) clear(rec *directory.Record) {
	switch {
	case s.kind == passedOver:
	case s.kind == value:
		rec.Cleared[s.field] = true
	case s.kind == attribute:
		rec.Attributes = append(rec.Attributes, directory.Attribute{Name: s.attribute(), Value: directory.Clear})
	case s.kind == accountValue:
		rec.Account.Values[s.account] = directory.Clear
	case s.first:
		s.listOf(rec).Only = true
	default:
		report(rec, s.label, ClearMisplaced.New("%s cannot stand in this column.", directory.Clear).Suggest("%s", ClearMisplaced.Cure))
	}
}

func (s *slot) attribute() string { return s.name[len(attributePrefix):] }

func (s *slot) listOf(rec *directory.Record) *directory.List {
	switch s.kind {
	case alias:
		return &rec.Aliases
	case delegate:
		return &rec.Delegates
	}
	return &rec.Groups
}

// SecretCells returns the texts of a row's secret cells that the format reads, by their
// columns; none where the row's cells may have moved.
func (b *Binding) SecretCells(r table.Row) map[int]string {
	var secret map[int]string
	cell := b.cellsOf(r)
	for n := range b.readable(r) {
		if text := cell(n); b.slots[n].secret() && !b.slots[n].hidden && text != "" {
			if secret == nil {
				secret = map[int]string{}
			}
			secret[n] = text
		}
	}
	return secret
}

// Keep returns the cells of a row below Headings as they may be kept: as they
// are, but blank where they are, or may be, secret.
func (b *Binding) Keep(r table.Row) []string {
	kept, cell := make([]string, len(b.headings)), b.cellsOf(r)
	for n := range b.readable(r) {
		if !b.slots[n].secret() {
			kept[n] = cell(n)
		}
	}
	return kept
}
