#!/bin/sh
# Makes the workbooks of this folder anew, by the programs that people have. It
# needs Debian's python3-openpyxl, libreoffice-calc and gnumeric; the tests read
# what is here and need none of them.
#
#   openpyxl.xlsx     written by openpyxl, which calculates no formula
#   libreoffice.xlsx  the same, opened and saved by LibreOffice
#   gnumeric.xlsx     that one, opened and saved by Gnumeric, to be damaged in many ways
#   people.ods        the same as OpenDocument, which is refused by name
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

/usr/bin/python3 - <<'EOF'
import datetime, openpyxl
from openpyxl.styles import PatternFill

book = openpyxl.Workbook()
lists = book.active
lists.title = "Lists"
lists.sheet_state = "hidden"
lists.append(["address", "name"])
lists.append(["hidden@example.org", "Hidden"])
book.create_sheet("Blank")
staff = book.create_sheet("Staff")
staff.append(["name", "local_id", "telephone", "mobile", "started", "seen", "pop", "share", "sum", "greeting", "notes", "price"])
for n, name in enumerate(["Zoë O'Malley", "李小龍", "Amina 👩‍⚕️ Khan", "=not a formula"]):
    row = n + 2
    staff.cell(row, 1, name).data_type = "s"
    staff.cell(row, 2, 42 + n).number_format = "00000"
    staff.cell(row, 3, 1632960101 + n).number_format = "00000 000000"
    staff.cell(row, 4, 447911123456 + n)
    staff.cell(row, 5, datetime.date(2024, 8, 1 + n)).number_format = "dd/mm/yyyy"
    staff.cell(row, 6, datetime.datetime(2024, 8, 1 + n, 9, 30)).number_format = "yyyy-mm-dd hh:mm"
    staff.cell(row, 7, n % 2 == 0)
    staff.cell(row, 8, 0.25 * n).number_format = "0%"
    staff.cell(row, 9, f"=2*{n}+0.5")
    staff.cell(row, 10, f'="Dr "&A{row}')
    staff.cell(row, 11, "first line\nsecond <line> & 'more'")
    staff.cell(row, 12, 1234.5).number_format = '"£"#,##0.00'
staff["A8"] = "Merged over three"
staff.merge_cells("A8:C8")
staff["D8"] = "'quoted"
staff["A1048"] = "far below"
staff["A3"].fill = PatternFill("solid", fgColor="FFFF00")
book.create_sheet("Leavers").append(["address", "status"])
book.save("openpyxl.xlsx")
EOF

office() {
	soffice --headless "-env:UserInstallation=file://$work/profile" --convert-to "$1" --outdir "$work" "$2" >/dev/null 2>&1
}

office 'xlsx:Calc MS Excel 2007 XML' openpyxl.xlsx
cp "$work/openpyxl.xlsx" libreoffice.xlsx
ssconvert --export-type=Gnumeric_Excel:xlsx2 libreoffice.xlsx gnumeric.xlsx 2>/dev/null
office ods openpyxl.xlsx
cp "$work/openpyxl.ods" people.ods
