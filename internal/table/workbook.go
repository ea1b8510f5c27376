package table

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muster/internal/issue"
	"muster/internal/suggest"
	"muster/internal/table/biff"
	"muster/internal/table/sheet"
	"muster/internal/table/xlsx"
)

// openXLSX opens a zip archive, if it is a workbook.
func openXLSX(file File, head []byte, o Options) ([]Reader, error) {
	book, err := xlsx.Open(file, file.Size())
	var fault *sheet.Error
	if errors.As(err, &fault) && (fault.Fault == sheet.NotWorkbook || fault.Fault == sheet.Damaged && !beginsWorkbook(head)) {
		return nil, zipKind(head)
	}
	if err != nil {
		return nil, refuseWorkbook(err)
	}
	return sheets(book, XLSX, o)
}

// openXLS opens an OLE2 file, or one of Excel before that, if it is a workbook.
func openXLS(file File, o Options) ([]Reader, error) {
	book, err := biff.Open(file, file.Size(), biff.Limits{Columns: o.Limits.orDefault().Columns})
	if err != nil {
		return nil, refuseWorkbook(err)
	}
	return sheets(book, XLS, o)
}

var workbookCodes = map[sheet.Fault]*issue.Code{
	sheet.NotWorkbook: codeNotTable,
	sheet.Unsupported: codeWorkbook,
	sheet.Encrypted:   codeEncrypted,
	sheet.Damaged:     codeDamaged,
	sheet.TooLarge:    codeTooLarge,
}

// refuseWorkbook says what is wrong with a workbook as a whole. An error of the
// file itself stays what it is.
func refuseWorkbook(err error) error {
	var fault *sheet.Error
	if !errors.As(err, &fault) {
		return err
	}
	code := workbookCodes[fault.Fault]
	i := code.New("The file %s.", fault.What).Suggest("%s", code.Cure)
	i.Line = fault.Line
	return i
}

// sheets returns readers of the sheets that can be seen, or of the one that was
// asked for.
func sheets(book sheet.Workbook, kind string, o Options) ([]Reader, error) {
	var list []Reader
	all, wanted := book.Sheets(), -1
	if o.Sheet != "" {
		if wanted = findSheet(all, o.Sheet); wanted < 0 {
			return nil, unknownSheet(all, o.Sheet)
		}
	}
	for i, s := range all {
		if i == wanted || wanted < 0 && !s.Hidden {
			list = append(list, &sheetReader{book: book, sheet: i, limits: o.Limits.orDefault(), info: Info{Kind: kind, Sheet: s.Name}})
		}
	}
	if len(list) == 0 {
		return nil, codeNoSheet.New("The workbook has no sheet that can be seen.").Suggest("%s", codeNoSheet.Cure)
	}
	return list, nil
}

// findSheet returns the sheet of a name, or of a number among those that can be
// seen; -1 where there is none.
func findSheet(all []sheet.Sheet, wanted string) int {
	for i, s := range all {
		if strings.EqualFold(Trim(s.Name), Trim(wanted)) {
			return i
		}
	}
	n, err := strconv.Atoi(wanted)
	for i, s := range all {
		if s.Hidden || err != nil {
			continue
		}
		if n--; n == 0 {
			return i
		}
	}
	return -1
}

// mostNames is how many sheets a message names.
const mostNames = 10

func unknownSheet(all []sheet.Sheet, wanted string) issue.Issue {
	i := codeSheet.New("The workbook has no sheet %q.", wanted)
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	if near, ok := suggest.Nearest(wanted, names); ok {
		return i.Suggest("did you mean %s?", near)
	}
	if len(names) > mostNames {
		names = append(names[:mostNames], "…")
	}
	return i.Suggest("its sheets are %s", strings.Join(names, ", "))
}

// sheetReader reads the rows of one sheet.
type sheetReader struct {
	book   sheet.Workbook
	sheet  int
	info   Info
	limits Limits

	rows  sheet.Rows // nil before the first
	count int
	cells []Cell
	err   error
}

func (r *sheetReader) Info() Info { return r.info }

// Next returns the next row, as Reader tells.
func (r *sheetReader) Next() (row Row, err error) {
	for r.err == nil {
		if row, r.err = r.read(); r.err == nil && len(row.Cells) > 0 {
			return row, nil
		}
	}
	return Row{}, r.err
}

// read reads a row, which has no cells where all are blank.
func (r *sheetReader) read() (Row, error) {
	if r.rows == nil {
		var err error
		if r.rows, err = r.book.Rows(r.sheet); err != nil {
			return Row{}, refuseWorkbook(err)
		}
	}
	row, err := r.rows.Next()
	if err != nil {
		return Row{}, refuseWorkbook(err)
	}
	return r.row(row.Line, row.Cells)
}

// row makes a row of the cells that show something.
func (r *sheetReader) row(line int, cells []sheet.Cell) (Row, error) {
	row := Row{Line: line, Cells: r.cells[:0]}
	for _, c := range cells {
		if !c.NoResult && Trim(c.Text) == "" {
			continue
		}
		if c.Column >= r.limits.Columns {
			i := codeColumns.New("The cell %s%d stands beyond the first %d columns.", Letter(c.Column), line, r.limits.Columns)
			i.Line = line
			return row, i.Suggest("%s", "Delete what stands there, and the columns that are not needed.")
		}
		for len(row.Cells) <= c.Column {
			row.Cells = append(row.Cells, Cell{Line: line})
		}
		row.Cells[c.Column].Text = r.text(&row, c)
	}
	r.cells = row.Cells
	if len(row.Cells) == 0 {
		return row, nil
	}
	if r.count++; r.count > r.limits.Rows+1 {
		return row, r.limits.tooManyRows(line)
	}
	return row, nil
}

// text returns the text of a cell as it may be kept, and notes what is wrong with it.
func (r *sheetReader) text(row *Row, c sheet.Cell) string {
	note := func(i issue.Issue, code *issue.Code) {
		i.Line, i.Column = row.Line, Letter(c.Column)
		row.Issues = append(row.Issues, i.Suggest("%s", code.Cure))
	}
	switch {
	case c.Kind == sheet.Failure:
		note(codeErrorValue.New("The cell shows the error %s.", c.Text), codeErrorValue)
	case c.NoResult:
		note(codeNoResult.New("The cell holds a formula without a result."), codeNoResult)
	}
	text := c.Text
	if most := r.limits.CellBytes; len(text) > most {
		for most > 0 && !utf8.RuneStart(text[most]) {
			most--
		}
		text = text[:most]
		note(codeLong.New("The cell holds more than %d bytes.", r.limits.CellBytes), codeLong)
	}
	if i := strings.IndexFunc(text, isControl); i >= 0 {
		char, _ := utf8.DecodeRuneInString(text[i:])
		note(codeControl.New("The cell holds the control character U+%04X.", char), codeControl)
		text = strings.Map(func(c rune) rune {
			if isControl(c) {
				return -1
			}
			return c
		}, text)
	}
	return text
}

// isControl tells of characters that no cell may have.
func isControl(c rune) bool { return unicode.IsControl(c) && c != '\t' && c != '\n' && c != '\r' }
