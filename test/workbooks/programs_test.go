package workbooks

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"muster/internal/debian"
)

const python = "/usr/bin/python3" // whose modules are Debian's

// install installs the programs that are missing; a test without them would prove
// nothing, and fails.
func install(t *testing.T) {
	t.Helper()
	err := debian.Programs([]string{"soffice", "ssconvert"}, "libreoffice-calc", "gnumeric")
	if err == nil {
		err = debian.Install(func() bool { return exec.Command(python, "-c", "import xlwt").Run() == nil }, "python3-xlwt")
	}
	if err != nil {
		t.Fatalf("these tests need LibreOffice, Gnumeric and xlwt: %v", err)
	}
}

// saved is a file that a program has saved.
type saved struct {
	program, path string
	allShown      bool // it does not say which sheets are hidden, as Gnumeric's .xlsx
}

// saveAll lets each program save the book in each kind that it knows. The book comes
// to Gnumeric by LibreOffice, because Gnumeric takes the results of formulas from the
// file.
func saveAll(t *testing.T, book []page) []saved {
	t.Helper()
	install(t)
	folder := t.TempDir()
	source := filepath.Join(folder, "source.xlsx")
	excel(t, book, source)
	office := filepath.Join(folder, "libreoffice")
	for _, filter := range []string{"xlsx:Calc MS Excel 2007 XML", "xls:MS Excel 97"} {
		run(t, nil, "soffice", "--headless", "--norestore", "-env:UserInstallation=file://"+filepath.Join(folder, "profile"),
			"--convert-to", filter, "--outdir", office, source)
	}
	list := []saved{
		{program: "LibreOffice", path: filepath.Join(office, "source.xlsx")},
		{program: "LibreOffice", path: filepath.Join(office, "source.xls")},
		{program: "Gnumeric", path: filepath.Join(folder, "gnumeric.xlsx"), allShown: true},
		{program: "Gnumeric", path: filepath.Join(folder, "gnumeric.xls")},
		{program: "xlwt", path: filepath.Join(folder, "xlwt.xls")},
	}
	run(t, nil, "ssconvert", "--export-type=Gnumeric_Excel:xlsx2", list[0].path, list[2].path)
	run(t, nil, "ssconvert", "--export-type=Gnumeric_Excel:excel_biff8", list[0].path, list[3].path)
	pages, err := json.Marshal(book)
	if err != nil {
		t.Fatal(err)
	}
	run(t, pages, python, "write_xls.py", list[4].path)
	return list
}

// run runs a program, in one language, whatever that of the machine is.
func run(t *testing.T, input []byte, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Env = bytes.NewReader(input), append(os.Environ(), "LC_ALL=C.UTF-8")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
}
