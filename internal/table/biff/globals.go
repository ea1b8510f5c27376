package biff

import (
	"encoding/binary"
	"muster/internal/table/sheet"
	"slices"
)

// The kinds of substream in a BOF record ([MS-XLS] section 2.4.21).
const (
	version8      = 0x0600
	kindGlobals   = 0x0005
	kindWorksheet = 0x0010
)

const (
	mostSheets  = 4096
	mostFormats = 4096
	mostXFs     = 1 << 16 // a cell names its XF by 16 bits
)

// readGlobals reads what comes before the sheets.
func (w *Workbook) readGlobals() error {
	first, err := w.records.next()
	if err != nil {
		return err
	}
	if err := checkVersion(first); err != nil {
		return err
	}
	for {
		r, err := w.records.next()
		if err != nil || r.id == idEOF {
			return err
		}
		if err := w.readGlobal(r); err != nil {
			return err
		}
	}
}

func (w *Workbook) readGlobal(r record) error {
	switch r.id {
	case idFilePass:
		return encrypted()
	case idBoundSheet:
		return w.readSheet(r)
	case idDateMode:
		w.date1904 = len(r.body) > 0 && r.body[0] == 1
	case idFormat:
		return w.readFormat(r)
	case idXF:
		return w.readXF(r)
	case idSST:
		return w.readStrings(r)
	}
	return nil
}

func encrypted() error {
	return &sheet.Error{Fault: sheet.Encrypted, What: "is encrypted with a password"}
}

func oldVersion(name string) error {
	return &sheet.Error{Fault: sheet.Unsupported, What: "is of an old kind, Excel " + name}
}

// checkVersion refuses all but BIFF8, by the first record.
func checkVersion(r record) error {
	if isOldStart(append(binary.LittleEndian.AppendUint16(nil, r.id), byte(len(r.body)), 0)) && r.id != idBOF {
		return oldVersion("4.0 or before")
	}
	if r.id != idBOF {
		return r.damaged("it does not begin as a workbook does")
	}
	if err := r.need(4); err != nil {
		return err
	}
	switch version := r.u16(0); {
	case version < version8:
		return oldVersion("5.0 or 95")
	case version > version8, r.u16(2) != kindGlobals:
		return r.damaged("it does not begin as a workbook does")
	}
	return nil
}

// isOldStart reports whether a file without a container begins with the first
// record of Excel 2.0 to 5.0.
func isOldStart(b []byte) bool {
	switch binary.LittleEndian.Uint16(b) {
	case 0x0009, 0x0209, 0x0409, idBOF:
		return b[2] >= 4 && b[2] <= 16 && b[3] == 0
	}
	return false
}

// readSheet reads where a sheet is, its state and its name (BoundSheet8, section
// 2.4.28).
func (w *Workbook) readSheet(r record) error {
	if err := r.need(8); err != nil {
		return err
	}
	const worksheet = 0
	if r.body[5] != worksheet {
		return nil
	}
	if len(w.sheets) == mostSheets {
		return tooLarge("it has more than %d sheets", mostSheets)
	}
	s := tab{start: int64(r.u32(0)), Sheet: sheet.Sheet{Hidden: r.body[4]&3 != 0}}
	if slices.ContainsFunc(w.sheets, func(other tab) bool { return other.start == s.start }) {
		return r.damaged("two sheets stand in the same place")
	}
	var t textReader
	t.open(w.records, r, 6)
	name, err := t.text(nil, 1)
	s.Name = string(name)
	w.sheets = append(w.sheets, s)
	return err
}

// readFormat reads the code of a number format (section 2.4.126).
func (w *Workbook) readFormat(r record) error {
	if err := r.need(5); err != nil {
		return err
	}
	if len(w.codes) == mostFormats {
		return tooLarge("it has more than %d number formats", mostFormats)
	}
	number := r.u16(0)
	var t textReader
	t.open(w.records, r, 2)
	code, err := t.text(nil, 2)
	w.codes[number] = string(code)
	return err
}

// readXF reads which number format a kind of cell has (section 2.4.353).
func (w *Workbook) readXF(r record) error {
	if err := r.need(4); err != nil {
		return err
	}
	if len(w.xfs) < mostXFs {
		w.xfs = append(w.xfs, xf{number: r.u16(2)})
	}
	return nil
}
