package xlsx

import (
	"encoding/xml"
	"path"
	"strings"

	"muster/internal/table/sheet"
)

// relation is how a part refers to another.
type relation struct{ kind, target string }

const (
	mainPart   = "xl/workbook.xml"
	binaryPart = "xl/workbook.bin"
	mostSheets = 10_000
)

// open reads what the parts of the workbook are.
func (b *Workbook) open() error {
	main := b.mainPart()
	switch {
	case b.parts[main] != nil:
	case b.parts[binaryPart] != nil:
		return &sheet.Error{Fault: sheet.Unsupported, What: "is a binary workbook (.xlsb)"}
	default:
		return &sheet.Error{Fault: sheet.NotWorkbook, What: "is an archive (zip) of something else than a workbook"}
	}
	var err error
	if b.related, err = b.relations(main); err != nil {
		return err
	}
	if err := b.readMain(main); err != nil {
		return err
	}
	return b.readStyles()
}

// mainPart is the part from which all others are reached: the root says which.
func (b *Workbook) mainPart() string {
	root, err := b.relations("")
	if err != nil {
		return mainPart
	}
	for _, r := range root {
		if name := partName(r.target); r.kind == "officeDocument" && strings.HasSuffix(name, ".xml") && strings.Contains(name, "workbook") {
			return name
		}
	}
	return mainPart
}

// relations returns to what a part refers, by id. The kind is the end of the
// address that names it, which differs between the two editions of the standard.
func (b *Workbook) relations(of string) (map[string]relation, error) {
	folder, name := path.Split(of)
	list := path.Join(folder, "_rels", name+".rels")
	found := map[string]relation{}
	if b.parts[list] == nil {
		return found, nil
	}
	p, err := b.openPart(list)
	if err != nil {
		return nil, err
	}
	defer p.body.Close()
	return found, p.each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" {
			return nil
		}
		if len(found) >= mostSheets {
			return tooLarge("it has more than %d parts", mostSheets)
		}
		target := attribute(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(folder, target)
		}
		found[attribute(e, "Id")] = relation{path.Base(attribute(e, "Type")), target}
		return nil
	}, func(string) error { return nil })
}

// readMain reads which sheets there are, and from which year days are counted.
func (b *Workbook) readMain(main string) error {
	p, err := b.openPart(main)
	if err != nil {
		return err
	}
	defer p.body.Close()
	return p.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.date1904 = isTrue(attribute(e, "date1904"))
		case "sheet":
			return b.addSheet(e)
		}
		return nil
	}, func(string) error { return nil })
}

func (b *Workbook) addSheet(e xml.StartElement) error {
	if len(b.sheets) >= mostSheets {
		return tooLarge("it has more than %d sheets", mostSheets)
	}
	r := b.related[attribute(e, "id")]
	if r.kind != "worksheet" {
		return nil // charts and macros
	}
	state := attribute(e, "state")
	b.sheets = append(b.sheets, tab{sheet.Sheet{Name: attribute(e, "name"), Hidden: state == "hidden" || state == "veryHidden"}, r.target})
	return nil
}

// partOf returns the part of a kind that the workbook refers to, or "".
func (b *Workbook) partOf(kind string) string {
	for _, r := range b.related {
		if r.kind == kind {
			return r.target
		}
	}
	return ""
}
