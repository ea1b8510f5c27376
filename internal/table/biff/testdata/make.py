#!/usr/bin/python3
"""Makes the workbooks of this folder with the programs that people use.

On Debian: apt-get install --no-install-recommends libreoffice-calc
libreoffice-writer gnumeric python3-uno python3-xlwt python3-openpyxl, then run
this file in its folder. The workbooks are committed, so that the tests need none
of these programs; people.csv says what is to be read from people-*.xls.
"""

import csv
import datetime
import os
import subprocess
import tempfile
import time

import openpyxl
import uno
import xlwt
from com.sun.star.beans import PropertyValue

HEADER = ["Name", "Note", "Local id", "Staff no", "Phone", "Start", "Seen", "Shift", "Pop", "Share", "Fee", "Full", "Next", "Old", "Bad"]

# what a cell holds, its number format, and what a person sees
PEOPLE = [
    [("Zoë Müller", "", ""), ("£5 – “night”", "", ""), ("00123", "@", ""), (7, "00000", "00007"), (447911123456, "0", "447911123456"),
     (datetime.datetime(2024, 2, 29), "yyyy-mm-dd", "2024-02-29"), (datetime.datetime(2024, 12, 31, 23, 59), "dd/mm/yyyy hh:mm", "31/12/2024 23:59"),
     (datetime.time(7, 30), "h:mm AM/PM", "7:30 AM"), (True, "", "TRUE"), (0.125, "0.0%", "12.5%"), (1234.5, "[$£-809]#,##0.00", "£1,234.50")],
    [("山田 太郎", "", ""), ("看護師😀", "", ""), ("0", "@", ""), (123456, "00000", "123456"), (447911123456, "General", "447911123456"),
     (datetime.datetime(1999, 1, 1), "d-mmm-yy", "1-Jan-99"), (datetime.datetime(2024, 7, 1, 6, 5, 4), "yyyy-mm-dd hh:mm:ss", "2024-07-01 06:05:04"),
     (1.5, "[h]:mm", "36:00"), (False, "", "FALSE"), (1, "0%", "100%"), (-5, "#,##0.00;(#,##0.00)", "(5.00)")],
    [("Жанна d'Arc", "", ""), ("line one\nline two", "", ""), ("4711", "@", ""), (0, "00000", "00000"), (20, "General", "20"),
     (datetime.datetime(2000, 2, 28), "dddd d mmmm yyyy", "Monday 28 February 2000"), (datetime.datetime(2001, 9, 9), "mmm yyyy", "Sep 2001"),
     (0.5, "hh:mm:ss", "12:00:00"), (True, "", "TRUE"), (1 / 3, "0.00", "0.33"), (0.1, "General", "0.1")],
]


def formulas(line):
    """Formulas of a row, with what comes out: text, number, truth, error."""
    name = PEOPLE[line - 2][0][0]
    number = PEOPLE[line - 2][3][0]
    return [(f'=A{line}&" x"', name + " x"), (f"=D{line}+1", str(number + 1)), (f"=D{line}>100", str(number > 100).upper()), ("=NA()", "#N/A")]


def shown(cell):
    value, _, text = cell
    return text or value


def write_expected():
    with open("people.csv", "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(HEADER)
        for line, row in enumerate(PEOPLE, 2):
            out.writerow([shown(c) for c in row] + [text for _, text in formulas(line)])


def write_source(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    for line, row in enumerate(PEOPLE, 2):
        for column, (value, code, _) in enumerate(row, 1):
            cell = sheet.cell(line, column, value)
            cell.number_format = code or "General"
        for column, (formula, _) in enumerate(formulas(line), len(row) + 1):
            sheet.cell(line, column, formula)
    book.save(path)


def write_xlwt():
    """The same table; xlwt keeps no results of formulas, so they are left out."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("People")
    for column, name in enumerate(HEADER[:11]):
        sheet.write(0, column, name)
    for line, row in enumerate(PEOPLE, 1):
        for column, (value, code, _) in enumerate(row):
            sheet.write(line, column, value, xlwt.easyxf(num_format_str=code or "General"))
    book.save("people-xlwt.xls")


def write_sheets():
    """Hidden sheets, a header at D7, merged cells, numbers that become a MULRK record, built-in dates."""
    book = xlwt.Workbook(encoding="utf-8")
    for name, state in [("Cover", 1), ("Secret", 2), ("Größe & 表", 0)]:
        sheet = book.add_sheet(name)
        sheet.visibility = state
        sheet.write(0, 0, "in " + name)
    sheet.write_merge(1, 1, 0, 3, "merged")
    for column, name in enumerate(["email", "name", "password"], 3):
        sheet.write(6, column, name)
    for line in range(7, 10):
        sheet.write(line, 3, f"user{line}@example.org")
        for column in range(4, 9):
            sheet.write(line, column, line * 10 + column + 0.25 * (column == 8))
    for column, code in enumerate(["M/D/YY", "M/D/YY h:mm", "D-MMM-YY", "h:mm", "@"]):
        sheet.write(11, column, 45000.75, xlwt.easyxf(num_format_str=code))
    book.active_sheet = 2
    book.save("sheets.xls")


def write_strings():
    """Texts over many CONTINUE records, of one and two bytes a character, some rich; strings_test.go makes them again."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Strings")
    bold = xlwt.easyfont("bold true")
    for i in range(45):
        text = ("£é" if i % 3 else "山😀é") * (1 + i * i % 487)
        if i % 5 == 4:
            sheet.write_rich_text(i, 0, [(text[:1], bold), text[1:]])
        else:
            sheet.write(i, 0, text)
    book.save("strings.xls")


def write_1904():
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    sheet = book.add_sheet("Dates")
    for column, day in enumerate([0, 1, 44000.5]):
        sheet.write(0, column, day, xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm"))
    book.save("1904.xls")


class Office:
    """A LibreOffice of its own, which can also save with a password."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory()
        pipe = "muster-testdata"
        self.process = subprocess.Popen(
            ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{self.profile.name}", f"--accept=pipe,name={pipe};urp;"])
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(120):
            try:
                context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except Exception:
                time.sleep(0.5)
        self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        return self

    def __exit__(self, *_):
        self.desktop.terminate()
        self.process.wait(30)
        self.profile.cleanup()

    def convert(self, source, target, kind, password=""):
        document = self.desktop.loadComponentFromURL(url(source), "_blank", 0, properties(Hidden=True))
        more = {"Password": password} if password else {}
        document.storeToURL(url(target), properties(FilterName=kind, **more))
        document.close(True)


def url(path):
    return path if ":" in path else uno.systemPathToFileUrl(os.path.abspath(path))


def properties(**values):
    return tuple(PropertyValue(Name=n, Value=v) for n, v in values.items())


def main():
    write_expected()
    write_xlwt()
    write_sheets()
    write_strings()
    write_1904()
    with tempfile.TemporaryDirectory() as work, Office() as office:
        source = os.path.join(work, "people.xlsx")
        write_source(source)
        office.convert(source, "people-libreoffice.xls", "MS Excel 97")
        office.convert(source, "encrypted-rc4.xls", "MS Excel 97", "secret")
        office.convert("private:factory/swriter", "word.doc", "MS Word 97")
        for kind, target in [("excel_biff8", "people-gnumeric.xls"), ("excel_biff7", "excel95.xls")]:
            # from LibreOffice's copy, since Gnumeric takes the results of formulas from the file
            subprocess.run(["ssconvert", f"--export-type=Gnumeric_Excel:{kind}", "people-libreoffice.xls", target], check=True)


main()
