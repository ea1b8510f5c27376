package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/xuri/excelize/v2"

	"muster/internal/debian"
)

// xlsx measures the reading of a workbook of eight columns. Its floor is excelize's
// bare Rows, all of it in memory: what the general library does that is at hand. Up to
// mostOfficeRows LibreOffice stands beside it.
func (b *bench) xlsx() error {
	if !b.wants("xlsx") {
		return nil
	}
	at, err := b.workbook()
	if err != nil {
		return err
	}
	floor, err := b.child("bare", plain, at, "")
	if err != nil {
		return err
	}
	work, err := b.child("xlsx", plain, at, "")
	b.note("reading .xlsx", work, floor)
	if err != nil || b.rows > mostOfficeRows {
		return err
	}
	return b.office("reading .xlsx, LibreOffice", at, work, "people.xlsx")
}

// xlsRows are nearly the rows that a sheet of the older kind has at most, 65,536.
const xlsRows, mostOfficeRows = 65_000, 100_000

// xls measures the reading of the same workbook as .xls, beside LibreOffice's converter.
func (b *bench) xls() error {
	if !b.wants("xls") {
		return nil
	}
	at, err := b.workbook()
	if err != nil {
		return err
	}
	if _, err := convert(at, "xls:MS Excel 97", "people.xlsx"); err != nil {
		return err
	}
	work, err := b.child("xls", plain, at, "")
	if err != nil {
		return err
	}
	return b.office("reading .xls, LibreOffice", at, work, "people.xls")
}

// workbook makes a workbook in a fresh folder.
func (b *bench) workbook() (string, error) {
	if err := debian.Programs([]string{"soffice"}, "libreoffice-calc"); err != nil {
		return "", err
	}
	at, err := b.prepare(plain)
	if err == nil {
		_, err = b.child("to xlsx", plain, at, "")
	}
	return at, err
}

// office compares the reading of a workbook with LibreOffice's, which makes it CSV. It
// has its profile from an earlier run; in the first one it would make that, too.
func (b *bench) office(name, at string, work measure, file string) error {
	if _, err := convert(at, "csv", "people.csv"); err != nil {
		return err
	}
	floor, err := convert(at, "csv", file)
	b.note(name, work, floor)
	return err
}

// convert lets LibreOffice convert a file of a folder. What was there of the other kind
// is overwritten.
func convert(folder, filter, file string) (measure, error) {
	cmd := exec.Command("soffice", "--headless", "--norestore", "-env:UserInstallation=file://"+filepath.Join(folder, "profile"), "--convert-to", filter, file)
	cmd.Dir = folder
	start := time.Now()
	if said, err := cmd.CombinedOutput(); err != nil {
		return measure{}, fmt.Errorf("soffice: %w\n%s", err, said)
	}
	took, peak := time.Since(start), 0.0
	if usage, known := cmd.ProcessState.SysUsage().(*syscall.Rusage); known {
		peak = float64(usage.Maxrss) / 1000 // of the largest of its processes, in kB
	}
	return measure{took.Seconds(), peak}, nil
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

// readOlder reads the workbook of the older kind as a table.
func (j job) readOlder() (time.Duration, error) {
	return j.reading(filepath.Join(j.folder, "people.xls"), readTable)
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
