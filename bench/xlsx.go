package main

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// xlsx measures the reading of a workbook of eight columns. Its floor is excelize's
// bare Rows, all of it in memory: what the general library does that is at hand.
func (b *bench) xlsx() error {
	if !b.wants("xlsx") {
		return nil
	}
	at, err := b.prepare(plain)
	if err != nil {
		return err
	}
	if _, err := b.child("to xlsx", plain, at, ""); err != nil {
		return err
	}
	floor, err := b.child("bare", plain, at, "")
	if err != nil {
		return err
	}
	work, err := b.child("xlsx", plain, at, "")
	b.note("reading .xlsx", work, floor)
	return err
}

func (j job) workbookFile() string { return filepath.Join(j.folder, "people.xlsx") }

// workbook writes the file as a workbook, as Excel does: texts that cells share, and
// numbers, which are the size of the mailbox.
func (j job) workbook() (time.Duration, error) {
	in, err := os.Open(j.file())
	if err != nil {
		return 0, err
	}
	defer in.Close()
	f := excelize.NewFile()
	for r, row := csv.NewReader(in), 1; ; row++ {
		texts, err := r.Read()
		if err == io.EOF {
			return 0, f.SaveAs(j.workbookFile())
		}
		if err != nil {
			return 0, err
		}
		cells := make([]any, 0, len(texts)+1)
		for _, text := range texts {
			cells = append(cells, text)
		}
		if cells = append(cells, 4); row == 1 {
			cells[len(texts)] = "mailbox_gb"
		}
		if err := f.SetSheetRow("Sheet1", "A"+strconv.Itoa(row), &cells); err != nil {
			return 0, err
		}
	}
}

// readWorkbook reads the workbook as a table.
func (j job) readWorkbook() (time.Duration, error) { return j.reading(j.workbookFile(), readTable) }

// bareExcelize reads it by excelize alone. The limits keep it from unpacking it onto
// a disk, where passwords would lie.
func (j job) bareExcelize() (time.Duration, error) {
	return j.reading(j.workbookFile(), func(f *os.File) (n int, err error) {
		book, err := excelize.OpenReader(f, excelize.Options{UnzipSizeLimit: 1 << 30, UnzipXMLSizeLimit: 1 << 30})
		if err != nil {
			return 0, err
		}
		rows, err := book.Rows("Sheet1")
		for err == nil && rows.Next() {
			_, err = rows.Columns()
			n++
		}
		return n, err
	})
}
