package table

import (
	"errors"
	"strconv"
	"strings"

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
	open, all, wanted := &openBook{Workbook: book}, book.Sheets(), -1
	if o.Sheet != "" {
		if wanted = findSheet(all, o.Sheet); wanted < 0 {
			return nil, unknownSheet(all, o.Sheet)
		}
	}
	for i, s := range all {
		if i == wanted || wanted < 0 && !s.Hidden {
			list = append(list, &sheetReader{book: open, sheet: i, limits: o.Limits.orDefault(), info: Info{Kind: kind, Sheet: s.Name}})
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
