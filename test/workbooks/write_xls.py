"""Writes the workbook that the test gives as JSON: an .xls by Debian's python3-xlwt.

xlwt calculates no formula and keeps no result of one, so a cell of a formula is
written as what comes out.
"""

import json
import sys

import xlwt

styles = {}


def style(code):
    if code not in styles:
        styles[code] = xlwt.easyxf(num_format_str=code or "General")
    return styles[code]


book = xlwt.Workbook(encoding="utf-8")
for place, sheet in enumerate(json.load(sys.stdin)):
    out = book.add_sheet(sheet["name"])
    if sheet["hidden"]:
        out.visibility = 1
    else:
        book.active_sheet = place
    merged = {tuple(area[:2]): area for area in sheet["merged"] or []}
    for line, row in enumerate(sheet["rows"]):
        for column, cell in enumerate(row or []):
            if (line, column) in merged:
                top, left, bottom, right = merged[line, column]
                out.write_merge(top, bottom, left, right, cell["value"], style(cell["format"]))
            elif cell["value"] is not None:
                out.write(line, column, cell["value"], style(cell["format"]))
book.save(sys.argv[1])
