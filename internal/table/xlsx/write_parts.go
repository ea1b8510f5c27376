package xlsx

// The styles of cells, by their number in styles.xml below.
const (
	styleText    = "1"
	styleHeading = "2"
	styleMarked  = "3"
)

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	schemas     = "http://schemas.openxmlformats.org/"
	mainSchema  = ` xmlns="` + schemas + `spreadsheetml/2006/main"`
	relSchema   = schemas + "officeDocument/2006/relationships"
	packSchema  = schemas + "package/2006/"
	contentType = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// parts are those of every workbook that is written, but for the sheet. Cells
// have the number format of texts (49), so that what is typed into them is one.
var parts = []struct{ name, text string }{
	{"[Content_Types].xml", declaration + `<Types xmlns="` + packSchema + `content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + contentType + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + contentType + `styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + contentType + `worksheet+xml"/></Types>`},
	{"_rels/.rels", declaration + `<Relationships xmlns="` + packSchema + `relationships">` +
		`<Relationship Id="rId1" Type="` + relSchema + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", declaration + `<workbook` + mainSchema + ` xmlns:r="` + relSchema + `">` +
		`<sheets><sheet name="SHEETNAME" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", declaration + `<Relationships xmlns="` + packSchema + `relationships">` +
		`<Relationship Id="rId1" Type="` + relSchema + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + relSchema + `/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", declaration + `<styleSheet` + mainSchema + `>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
		`<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/><bgColor indexed="64"/></patternFill></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
		`<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
}

const (
	sheetBegin = declaration + `<worksheet` + mainSchema + `>` +
		`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
		`<cols><col min="1" max="16384" width="18" style="` + styleText + `" customWidth="1"/></cols><sheetData>`
	sheetEnd = `</sheetData></worksheet>`
)
